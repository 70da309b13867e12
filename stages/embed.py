"""Finds where a data set lies in a model's latent space: `python -m stages.embed vae faces`."""

from pathlib import Path

from latent.data.dataset import SPLITS, read_array, read_split
from latent.files import whole_folder, write_json
from latent.models.runtime import configure
from latent.models.storage import load_model
from latent.space.embedding import embed, embedding_metrics
from latent.tracking.run import Run
from stages.common import ROOT, processed, read_params, run, trained


def main(kind: str, dataset: str) -> None:
    """Make data/embeddings/<kind>_<dataset> and its metrics."""
    params = read_params()
    configure(params.runtime.threads, seed=0)
    name = f"{kind}_{dataset}"
    target = Path("data/embeddings", name)
    encoder = load_model(trained(name) / "encoder.keras")
    with whole_folder(target) as folder:
        for split in SPLITS:
            images = read_split(processed(dataset), split).images
            embed(encoder, images, params.embed.batch_size, folder, split)
    metrics = embedding_metrics(read_array(target / "test_z_mean.npy"))
    write_json(Path(f"reports/metrics/{name}_embeddings.json"), metrics)
    with Run(ROOT, name, params.tracking.on_error, model=trained(name)) as tracked:
        tracked.log_metrics(metrics)


if __name__ == "__main__":
    run(main)
