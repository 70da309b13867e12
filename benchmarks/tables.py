"""Updates the tables in README.md of this folder from results/: `python -m benchmarks.tables`.

A table is between `<!-- NAME -->` and `<!-- end -->`. A table without a result is not changed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER
from latent.io.files import read_json, whole_file

README = Path(__file__).parent / "README.md"
TABLE_PATTERN = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
MISSING = "–"  # for a value that an older result does not contain

Result = dict[str, Any]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def spread(result: Result) -> str:
    """Format the median, minimum and maximum of a ratio, as "1.52 (1.40 to 1.63)"."""
    middle, low, high = (result[f"ratio_{word}"] for word in ("median", "min", "max"))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def whole(result: Result, key: str) -> str:
    """Format a number without decimals."""
    return f"{result[key]:.0f}" if key in result else MISSING


def ratios(folder: Path) -> str:
    """Return the table with a row for each result that contains a ratio."""
    results = [read_json(path) for path in sorted(folder.glob("*.json"))]
    return table(
        ("benchmark", "ratio", "better", "unit", "compared with", "cores"),
        (
            (
                f"`{result['name']}`",
                spread(result),
                result.get("better", MISSING),
                result["unit"],
                result["against"],
                result["cores"],
            )
            for result in results
            if "ratio_median" in result
        ),
    )


def training(result: Result) -> str:
    """Return the table of a training benchmark, with a row for each candidate."""
    return table(
        (
            f"`{result['name']}`",
            "library",
            "images/s",
            "best images/s",
            "relative to `chapter`",
            "fraction of the matrix-multiply rate",
            "loss",
            "test loss",
        ),
        (
            (
                name,
                candidate["library"],
                whole(candidate, "images_per_second"),
                whole(candidate, "images_per_second_at_best"),
                spread(candidate["against_chapter"]),
                f"{candidate['fraction_of_matmul']:.2f}",
                candidate["loss"],
                candidate.get("test_loss", MISSING),
            )
            for name, candidate in result["candidates"].items()
        ),
    )


def overhead(result: Result) -> str:
    """Return the table of seconds by stage and kind, and their sums."""
    stages = result["stages"]
    kinds = list(dict.fromkeys(kind for stage in stages.values() for kind in stage))
    sums = {kind: sum(stage.get(kind, 0) for stage in stages.values()) for kind in kinds}
    return table(
        ("seconds", "total", *kinds),
        (
            (name, f"{sum(row.values()):.1f}", *(f"{row.get(kind, 0):.1f}" for kind in kinds))
            for name, row in {**stages, "total": sums}.items()
        ),
    )


def growth(result: Result) -> str:
    """Return the table of seconds and memory by stage and size of the sample."""
    sizes = list(result["images"])
    return table(
        ("stage", *(f"s, {size}" for size in sizes), *(f"MB, {size}" for size in sizes)),
        (
            (
                f"`{stage}`",
                *(row[size][key] for key in ("seconds", "peak_memory_mb") for size in sizes),
            )
            for stage, row in result["stages"].items()
        ),
    )


def explore(result: Result) -> str:
    """Return the table of times and rates by case and number of clients."""
    return table(
        ("images", "clients", "median, ms", "95th percentile, ms", "requests/s"),
        (
            (case, clients, row["median_ms"], row["p95_ms"], whole(row, "requests_per_second"))
            for case, rows in result["cases"].items()
            for clients, row in rows.items()
        ),
    )


TABLES: dict[str, Callable[[Result], str]] = {
    "explore": explore,
    "growth": growth,
    "overhead": overhead,
    "train_faces_vae": training,
    "train_fashion_vae": training,
}


def fill(text: str, folder: Path) -> str:
    """Return the text of README.md with tables of the results in `folder`."""

    def replace(match: re.Match[str]) -> str:
        name, old = match.groups()
        path = folder / f"{name}.json"
        if name == "ratios":
            new = ratios(folder)
        else:
            new = TABLES[name](read_json(path)) if path.exists() else old
        return f"<!-- {name} -->\n{new}<!-- end -->"

    return TABLE_PATTERN.sub(replace, text)


def main() -> None:
    """Update README.md."""
    with whole_file(README) as path:
        path.write_text(fill(README.read_text(encoding="utf-8"), FOLDER), encoding="utf-8")


if __name__ == "__main__":
    main()
