"""Embeds a dataset in a model's latent space: `python -m stages.embed vae faces`."""

from latent.io.paths import ModelPaths
from latent.latent_space.embedding import embed_dataset
from latent.models.runtime import configure
from stages.project import read_params
from stages.run import run


def main(kind: str, dataset: str) -> None:
    """Make data/embeddings/<kind>_<dataset> and its metrics."""
    params = read_params()
    configure(params.runtime.threads, seed=0)
    # The next stages log these metrics to MLflow: importing it would take as long as embedding.
    embed_dataset(ModelPaths(f"{kind}_{dataset}"), params.embed.batch_size)


if __name__ == "__main__":
    run(main)
