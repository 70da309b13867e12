"""Finds where a data set lies in a model's latent space: `python -m stages.embed vae faces`."""

from latent.data.dataset import SPLITS, read_array, read_split
from latent.files import whole_folder, write_json
from latent.models.runtime import configure
from latent.models.storage import load_model
from latent.space.embedding import embed, embedding_metrics
from stages.common import outs_of, processed, read_params, run


def main(kind: str, dataset: str) -> None:
    """Make data/embeddings/<kind>_<dataset> and its metrics."""
    params = read_params()
    outs = outs_of(f"{kind}_{dataset}")
    configure(params.runtime.threads, seed=0)
    encoder = load_model(outs.model / "encoder.keras")
    with whole_folder(outs.embeddings) as folder:
        for split in SPLITS:
            images = read_split(processed(dataset), split).images
            embed(encoder, images, params.embed.batch_size, folder, split)
    # MLflow hears of these numbers with those of `evaluate`: it takes as long to start as this to
    # embed.
    metrics = embedding_metrics(read_array(outs.embeddings / "test_z_mean.npy"))
    write_json(outs.embedding_metrics, metrics)


if __name__ == "__main__":
    run(main)
