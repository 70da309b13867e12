"""Two candidates measured in turns, A B A B, since these rates drift while a machine runs."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).parent / "results"


def write_ratios(
    name: str,
    against: str,
    unit: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    **more: Any,
) -> None:
    """Write results/<name>.json, and print it.

    Args:
        name: of the benchmark, and of its module.
        against: what the second candidate is.
        unit: of the rates: more of it is better.
        ours: rates of the first candidate, a pair of measurements at a time.
        theirs: rates of the second, in the same order.
        more: what else belongs to the result.
    """
    ratios = sorted(first / second for first, second in zip(ours, theirs, strict=True))
    content = {
        "name": name,
        "against": against,
        "unit": unit,
        "ratio_median": round(median(ratios), 3),
        "ratio_min": round(ratios[0], 3),
        "ratio_max": round(ratios[-1], 3),
        "pairs": len(ratios),
        "median": round(median(ours), 1),
        "median_against": round(median(theirs), 1),
        "command": f"python -m benchmarks.{name}",
        "cores": len(os.sched_getaffinity(0)),
        **more,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
