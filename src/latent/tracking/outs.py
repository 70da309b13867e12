"""The outs of a model, from which its run is told, and can be told again."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outs:
    """Where the stages leave what belongs to one model. Not every model has all of it.

    Attributes:
        name: kind and data set, "vae_faces".
        model: folder of its Keras files, its provenance and its samples.
        history: CSV, a row per epoch.
        metrics: JSON of its training.
        embeddings: folder.
        embedding_metrics: JSON.
        attributes: folder of the attribute vectors.
        attribute_metrics: JSON.
        evaluation: folder of CSV files.
        evaluation_metrics: JSON.
        edits: folder of CSV files.
        edit_metrics: JSON.
        edit_figures: folder.
        figures: folder.
        report: HTML file of all models.
    """

    name: str
    model: Path
    history: Path
    metrics: Path
    embeddings: Path
    embedding_metrics: Path
    attributes: Path
    attribute_metrics: Path
    evaluation: Path
    evaluation_metrics: Path
    edits: Path
    edit_metrics: Path
    edit_figures: Path
    figures: Path
    report: Path

    @property
    def provenance(self) -> Path:
        """JSON in the model's folder: what made it."""
        return self.model / "provenance.json"

    @property
    def samples(self) -> Path:
        """NPY in the model's folder: uint8 (epochs, samples, H, W, C)."""
        return self.model / "samples.npy"
