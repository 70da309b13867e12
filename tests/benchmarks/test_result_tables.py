"""The tables of results in benchmarks/README.md."""

from pathlib import Path
from typing import Any

from benchmarks.tables import README, TABLE_PATTERN, TABLES, fill
from latent.io.files import write_json

RATIO: dict[str, Any] = {"ratio_median": 1.5, "ratio_min": 1.25, "ratio_max": 2}
PAGE = """# Page

<!-- ratios -->
<!-- end -->

<!-- overhead -->
| old |
<!-- end -->

<!-- growth -->
| kept |
<!-- end -->
"""


def test_tables_with_results_are_replaced(tmp_path: Path) -> None:
    stages = {"dvc": {"dvc": 0.5}, "embed": {"start-up": 2.0, "work": 1.0, "dvc": 0.25}}
    result = {"name": "overhead", "unit": "share", "against": "all", "cores": 4, "stages": stages}
    write_json(tmp_path / "overhead.json", result | RATIO | {"better": "lower"})
    write_json(tmp_path / "kill.json", {"name": "kill", "cores": 4})
    page = fill(PAGE, tmp_path)
    assert "| `overhead` | 1.50 (1.25 to 2.00) | lower | share | all | 4 |" in page
    assert "kill" not in page  # it has no ratio
    assert "old" not in page
    assert "| embed | 3.2 | 0.2 | 2.0 | 1.0 |" in page
    assert "| total | 3.8 | 0.8 | 2.0 | 1.0 |" in page
    # A table without a result is not changed.
    assert page.endswith("<!-- growth -->\n| kept |\n<!-- end -->\n")
    assert fill(page, tmp_path) == page


def test_training_table_has_a_row_for_each_candidate(tmp_path: Path) -> None:
    candidate = {
        "library": "Keras 3.15.1",
        "images_per_second": 3101.4,
        "images_per_second_at_best": 3300.6,
        "against_chapter": RATIO,
        "fraction_of_matmul": 0.5,
        "loss": 12.3,
        "test_loss": 12.5,
    }
    result = {"name": "train_faces_vae", "candidates": {"project": candidate}}
    write_json(tmp_path / "train_faces_vae.json", result)
    page = fill("<!-- train_faces_vae -->\n<!-- end -->", tmp_path)
    row = "| project | Keras 3.15.1 | 3101 | 3301 | 1.50 (1.25 to 2.00) | 0.50 | 12.3 | 12.5 |"
    assert row in page


def test_values_missing_from_an_older_result_are_shown_as_missing(tmp_path: Path) -> None:
    result = {"name": "embed", "unit": "images per second", "against": "Keras", "cores": 4}
    write_json(tmp_path / "embed.json", result | RATIO)
    candidate = {
        "library": "Keras 3.15.1",
        "images_per_second": 3101.4,
        "against_chapter": RATIO,
        "fraction_of_matmul": 0.5,
        "loss": 12.3,
    }
    write_json(
        tmp_path / "train_faces_vae.json",
        {"name": "train_faces_vae", "candidates": {"project": candidate}},
    )
    page = "<!-- ratios -->\n<!-- end -->\n<!-- train_faces_vae -->\n<!-- end -->"
    page = fill(page, tmp_path)
    assert "| `embed` | 1.50 (1.25 to 2.00) | – | images per second | Keras | 4 |" in page
    assert "| 3101 | – | 1.50 (1.25 to 2.00) | 0.50 | 12.3 | – |" in page


def test_growth_table_has_seconds_and_memory_of_each_size(tmp_path: Path) -> None:
    sizes: dict[str, Any] = {"1×": {}, "4×": {}}
    measurements = {
        "1×": {"seconds": 2.5, "peak_memory_mb": 68},
        "4×": {"seconds": 9.5, "peak_memory_mb": 70},
    }
    write_json(tmp_path / "growth.json", {"images": sizes, "stages": {"embed": measurements}})
    page = fill("<!-- growth -->\n<!-- end -->", tmp_path)
    assert "| stage | s, 1× | s, 4× | MB, 1× | MB, 4× |" in page
    assert "| `embed` | 2.5 | 9.5 | 68 | 70 |" in page


def test_readme_contains_every_table() -> None:
    names = {match[0] for match in TABLE_PATTERN.findall(README.read_text(encoding="utf-8"))}
    assert names == {"ratios", *TABLES}
