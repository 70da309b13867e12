"""The raw files of garments, from the source that params.yaml names."""

from pathlib import Path

from latent.data.fashion.published import fetch_fashion_mnist
from latent.data.fashion.sample import draw_garments
from latent.data.idx import write_idx
from latent.files import whole_folder
from latent.params import DownloadFashion


def download_fashion(params: DownloadFashion, root: Path, folder: Path) -> None:
    """Make `folder` with the four gzipped IDX files under their published names.

    Args:
        params: the source, and what it needs.
        root: where a relative location begins.
        folder: made whole or not at all.

    Raises:
        InputError: the source cannot be used.
    """
    with whole_folder(folder) as temporary:
        if params.source == "fashion_mnist":
            fetch_fashion_mnist(params.location, root, temporary)
            return
        sizes = {"train": params.sample.train_images, "t10k": params.sample.test_images}
        for split, (name, count) in enumerate(sizes.items()):
            images, labels = draw_garments(count, params.sample.seed, split)
            write_idx(temporary / f"{name}-images-idx3-ubyte.gz", images)
            write_idx(temporary / f"{name}-labels-idx1-ubyte.gz", labels)
