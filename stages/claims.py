"""Prints the table of claims as Markdown, after `dvc repro`: `python -m stages.claims`."""

import sys
from pathlib import Path

from latent.report.claims import as_markdown, judge_claims
from latent.report.collect import MODELS
from latent.report.numbers import read_evaluation
from stages.common import run


def main() -> None:
    """Print what the numbers in reports/metrics say of the chapter's claims."""
    metrics = Path("reports/metrics")
    numbers = {model: read_evaluation(metrics, model) for model in MODELS}
    sys.stdout.write(as_markdown(judge_claims(numbers)))


if __name__ == "__main__":
    run(main)
