"""Paths of the outs in dvc.yaml.

All paths are relative to a root, which is the working folder of a stage.
"""

from dataclasses import dataclass
from pathlib import Path

REPORT = Path("reports/index.html")


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
