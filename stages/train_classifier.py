"""Trains the classifier of a dataset: `python -m stages.train_classifier fashion`."""

from latent.classifier.classifier import make_classifier
from latent.io.dataset import SPLITS, read_record, read_split
from latent.io.files import write_json
from latent.io.paths import DatasetPaths
from latent.models.runtime import configure
from stages.project import read_params
from stages.run import run


def main(dataset: str) -> None:
    """Make models/classifier_<dataset> and its metrics."""
    params, paths = read_params(), DatasetPaths(dataset)
    section = params.train_classifier[dataset]
    configure(params.runtime.threads, section.seed)
    train, test = (read_split(paths.processed, split) for split in SPLITS)
    classes = read_record(paths.processed).get("classes", [])
    metrics = make_classifier(train, test, classes, section, paths.classifier)
    write_json(paths.classifier_metrics, metrics)


if __name__ == "__main__":
    run(main)
