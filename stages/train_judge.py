"""Trains the judge of a data set: `python -m stages.train_judge fashion`."""

from pathlib import Path

from latent.data.dataset import SPLITS, read_record, read_split
from latent.evaluate.judging import make_judge
from latent.files import write_json
from latent.models.runtime import configure
from stages.common import judge_of, processed, read_params, run


def main(dataset: str) -> None:
    """Make models/judge_<dataset> and its metrics."""
    params = read_params()
    section = params.train_judge[dataset]
    configure(params.runtime.threads, section.seed)
    folder = processed(dataset)
    train, test = (read_split(folder, split) for split in SPLITS)
    classes = read_record(folder).get("classes", [])
    metrics = make_judge(train, test, classes, section, judge_of(dataset))
    write_json(Path("reports/metrics", f"judge_{dataset}.json"), metrics)


if __name__ == "__main__":
    run(main)
