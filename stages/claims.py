"""Prints the chapter's claims as a Markdown table, after `dvc repro`: `python -m stages.claims`."""

import sys

from latent.io.paths import ModelPaths
from latent.report.claims import as_markdown, check_claims
from latent.report.collect import MODELS
from latent.report.metrics import read_evaluation
from stages.run import run


def main() -> None:
    """Print each claim, the measured numbers, and whether the claim holds."""
    numbers = {model: read_evaluation(ModelPaths(model)) for model in MODELS}
    sys.stdout.write(as_markdown(check_claims(numbers)))


if __name__ == "__main__":
    run(main)
