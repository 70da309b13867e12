"""Paths of the outs in dvc.yaml.

All paths are relative to a root, which is the working folder of a stage.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPORT = Path("reports/index.html")
CHAPTER_FIGURES = Path("reports/figures/chapter")
MAX_BYTES = 200  # of an attribute's name in a file name, which may have 255 bytes


@dataclass(frozen=True)
class DatasetPaths:
    """Outs of the stages that work on a dataset.

    Attributes:
        name: "fashion" or "faces".
        root: folder that all paths are relative to.
    """

    name: str
    root: Path = Path()

    @property
    def raw(self) -> Path:
        """Folder of the raw files, as `latent.raw` describes them."""
        return self.root / "data/raw" / self.name

    @property
    def processed(self) -> Path:
        """Folder of the processed dataset, as `latent.io.dataset` describes it."""
        return self.root / "data/processed" / self.name

    @property
    def classifier(self) -> Path:
        """Folder of the classifier, as `latent.classifier.classifier` describes it."""
        return self.root / f"models/classifier_{self.name}"

    @property
    def classifier_metrics(self) -> Path:
        """JSON file of the metrics of the classifier."""
        return self.root / f"reports/metrics/classifier_{self.name}.json"


@dataclass(frozen=True)
class ModelPaths:
    """Outs of the stages that train a model or use it. Not every model has all of them.

    Attributes:
        name: kind of model and dataset: "ae_fashion", "vae_fashion" or "vae_faces".
        root: folder that all paths are relative to.
    """

    name: str
    root: Path = Path()

    @property
    def dataset(self) -> DatasetPaths:
        """Outs of the dataset that the model is trained on."""
        return DatasetPaths(self.name.partition("_")[2], self.root)

    @property
    def model(self) -> Path:
        """Folder of encoder.keras, decoder.keras, summary.txt, provenance and samples."""
        return self.root / "models" / self.name

    @property
    def provenance(self) -> Path:
        """JSON file: data, parameters, packages and device that the model depends on."""
        return self.model / "provenance.json"

    @property
    def samples(self) -> Path:
        """NPY file: the same points decoded after each epoch, uint8 (epochs, samples, H, W, C)."""
        return self.model / "samples.npy"

    @property
    def history(self) -> Path:
        """CSV file: the losses, one row per epoch."""
        return self.root / "reports/plots" / self.name / "history.csv"

    @property
    def embeddings(self) -> Path:
        """Folder of train_z_mean.npy and test_z_mean.npy; for a VAE also …_z_log_var.npy."""
        return self.root / "data/embeddings" / self.name

    @property
    def attribute_vectors(self) -> Path:
        """Folder of attribute_vectors.parquet and attribute_vectors.csv."""
        return self.root / "data/attribute_vectors" / self.dataset.name

    @property
    def evaluation(self) -> Path:
        """Folder of the CSV files behind the evaluation's metrics."""
        return self.root / "reports/evaluation" / self.name

    @property
    def edits(self) -> Path:
        """Folder of the CSV files behind the metrics of attribute edits."""
        return self.root / f"reports/evaluation/{self.name}_edits"

    @property
    def figures(self) -> Path:
        """Folder of the figures, PNG and GIF files."""
        return self.root / "reports/figures" / self.name

    @property
    def edit_figures(self) -> Path:
        """Folder of the figures of attribute edits, PNG files."""
        return self.root / f"reports/figures/{self.name}_edits"

    @property
    def report(self) -> Path:
        """HTML file of the report, one for all models."""
        return self.root / REPORT

    @property
    def training_metrics(self) -> Path:
        """JSON file of the metrics of the training."""
        return self._metrics("")

    @property
    def embedding_metrics(self) -> Path:
        """JSON file of the metrics of the embeddings."""
        return self._metrics("_embeddings")

    @property
    def attribute_metrics(self) -> Path:
        """JSON file of the metrics of the attribute vectors."""
        return self._metrics("_attributes")

    @property
    def evaluation_metrics(self) -> Path:
        """JSON file of the metrics of the evaluation."""
        return self._metrics("_evaluation")

    @property
    def edit_metrics(self) -> Path:
        """JSON file of the metrics of the attribute edits."""
        return self._metrics("_edits")

    def _metrics(self, suffix: str) -> Path:
        return self.root / f"reports/metrics/{self.name}{suffix}.json"


def edit_figures(attributes: Sequence[str]) -> dict[str, str]:
    """Return the file name of each attribute's edits in figure 3-19."""
    attributes = list(dict.fromkeys(attributes))
    stems = [name.encode()[:MAX_BYTES].decode(errors="ignore") for name in attributes]
    return {
        attribute: f"3-19_edit_{name}.png"
        for attribute, name in zip(attributes, distinct_names(stems), strict=True)
    }


def distinct_names(names: Iterable[str]) -> list[str]:
    """Return the names, with a number after each that a disk may not distinguish from another.

    Some disks do not distinguish upper and lower case, or composed and decomposed characters:
    "Smiling" and "smiling" become "Smiling" and "smiling_2".
    """
    distinct = []
    taken = set()
    for stem in names:
        name, number = stem, 1
        while (key := unicodedata.normalize("NFKC", name).casefold()) in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(key)
        distinct.append(name)
    return distinct
