"""Writes the tables of README.md beside this file from results/: `python -m benchmarks.tables`.

A table stands between `<!-- NAME -->` and `<!-- end -->`. One whose result is not there yet stays
as it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER
from latent.io.files import read_json, whole_file

README = Path(__file__).parent / "README.md"
PLACE = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
NOT_TOLD = "–"  # in a result from before it was measured

Result = dict[str, Any]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def spread(found: Result) -> str:
    """Return a ratio's median with its spread: "1.52 (1.40 to 1.63)"."""
    middle, low, high = (found[f"ratio_{word}"] for word in ("median", "min", "max"))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def whole(found: Result, key: str) -> str:
    """Return a number without decimals."""
    return f"{found[key]:.0f}" if key in found else NOT_TOLD


def ratios(folder: Path) -> str:
    """Return a row for each result that is a ratio."""
    results = [read_json(path) for path in sorted(folder.glob("*.json"))]
    return table(
        ("benchmark", "ratio", "better is", "unit", "against", "cores"),
        (
            (
                f"`{found['name']}`",
                spread(found),
                found.get("better", NOT_TOLD),
                found["unit"],
                found["against"],
                found["cores"],
            )
            for found in results
            if "ratio_median" in found
        ),
    )


def training(found: Result) -> str:
    """Return a row for each way to train."""
    return table(
        (
            f"`{found['name']}`",
            "library",
            "images/s",
            "images/s at best",
            "to the chapter's",
            "of the matrix-multiply rate",
            "loss",
            "held-out loss",
        ),
        (
            (
                name,
                way["library"],
                whole(way, "images_per_second"),
                whole(way, "images_per_second_at_best"),
                spread(way["against_chapter"]),
                f"{way['fraction_of_matmul']:.2f}",
                way["loss"],
                way.get("test_loss", NOT_TOLD),
            )
            for name, way in found["candidates"].items()
        ),
    )


def overhead(found: Result) -> str:
    """Return a row of seconds for each stage, and their sums."""
    kinds = list(dict.fromkeys(kind for stage in found["stages"].values() for kind in stage))
    sums = {kind: sum(stage.get(kind, 0) for stage in found["stages"].values()) for kind in kinds}
    return table(
        ("seconds", "in all", *kinds),
        (
            (stage, f"{sum(of.values()):.1f}", *(f"{of.get(kind, 0):.1f}" for kind in kinds))
            for stage, of in {**found["stages"], "in all": sums}.items()
        ),
    )


def growth(found: Result) -> str:
    """Return seconds and memory of each stage at each size."""
    sizes = list(found["images"])
    return table(
        ("stage", *(f"s, {size}" for size in sizes), *(f"MB, {size}" for size in sizes)),
        (
            (
                f"`{stage}`",
                *(of[size][key] for key in ("seconds", "peak_memory_mb") for size in sizes),
            )
            for stage, of in found["stages"].items()
        ),
    )


TABLES: dict[str, Callable[[Result], str]] = {
    "growth": growth,
    "overhead": overhead,
    "train_faces_vae": training,
    "train_fashion_vae": training,
}


def fill(text: str, folder: Path) -> str:
    """Return the page with the tables of the results in `folder`."""

    def replace(match: re.Match[str]) -> str:
        name, before = match.groups()
        path = folder / f"{name}.json"
        if name == "ratios":
            now = ratios(folder)
        else:
            now = TABLES[name](read_json(path)) if path.exists() else before
        return f"<!-- {name} -->\n{now}<!-- end -->"

    return PLACE.sub(replace, text)


def main() -> None:
    """Write the page."""
    with whole_file(README) as path:
        path.write_text(fill(README.read_text(encoding="utf-8"), FOLDER), encoding="utf-8")


if __name__ == "__main__":
    main()
