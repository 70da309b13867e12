"""Sections of params.yaml for the stages after training."""

from typing import Annotated, Self

from pydantic import Field, FiniteFloat, model_validator

from latent.params.section import Count, Name, Section, Seed

Factors = Annotated[list[FiniteFloat], Field(min_length=1)]


class Embed(Section):
    """How images are encoded."""

    batch_size: Count


class Evaluate(Section):
    """Sample sizes of the evaluation of a model."""

    images: Annotated[int, Field(ge=2)]
    importance_images: Count
    importance_samples: Count
    embedded: Annotated[int, Field(ge=2)]
    drawn: Count
    components: Count
    neighbours: Count
    seed: Seed

    @model_validator(mode="after")
    def images_have_neighbours(self) -> Self:
        """Raise ValueError if no number of images is sufficient for the neighbours."""
        if self.neighbours >= self.images:
            raise ValueError(
                f"neighbours must be less than images ({self.images}), not {self.neighbours}: an "
                "image is not its own neighbour"
            )
        return self


class EvaluateEdits(Section):
    """Sample sizes of the evaluation of attribute edits."""

    factors: Factors
    images: Count
    seed: Seed

    @model_validator(mode="after")
    def factors_edit_images(self) -> Self:
        """Raise ValueError if no factor changes an image."""
        if not any(self.factors):
            raise ValueError(f"factors must contain a value other than 0, not only {self.factors}")
        return self


class PlaneFigures(Section):
    """Figures of a model with a two-dimensional latent space."""

    embedded: Count
    generated: Count
    grid: Annotated[int, Field(ge=2, le=100)]
    seed: Seed


class FacesFigures(Section):
    """Figures of the VAE of faces."""

    reconstructed: Count
    histograms: Count
    generated: Count
    attributes: Annotated[list[Name], Field(min_length=1)]
    factors: Factors
    edited: Count
    morph_steps: Annotated[int, Field(ge=2)]
    seed: Seed


class ChapterFigures(Section):
    """Figures that compare models."""

    embedded: Count


class Figures(Section):
    """One section per model, and one for figures that compare models."""

    ae_fashion: PlaneFigures
    vae_fashion: PlaneFigures
    vae_faces: FacesFigures
    chapter: ChapterFigures
