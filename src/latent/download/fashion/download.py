"""The raw Fashion-MNIST images, from the source in params.yaml."""

from pathlib import Path

from latent.download.fashion.own_images import pack_own_images
from latent.download.fashion.published import fetch_fashion_mnist
from latent.download.fashion.sample.draw import draw_garments
from latent.io.files import whole_folder
from latent.params import DownloadFashion
from latent.raw.classes import FASHION_MNIST, Classes, write_classes
from latent.raw.idx import write_split


def download_fashion(
    params: DownloadFashion, root: Path, folder: Path, size_problem: str | None = None
) -> None:
    """Make a folder with four gzipped IDX files under their published names, and classes.json.

    Args:
        params: the source and its parameters.
        root: folder that relative locations are relative to.
        folder: folder of the raw files, written atomically.
        size_problem: why images of the size `params.folder.size` cannot be used, or None.

    Raises:
        InputError: the source cannot be used.
    """
    with whole_folder(folder) as temporary:
        if params.source == "folder":
            pack_own_images(params.folder, root, temporary, size_problem)
            return
        write_classes(temporary, Classes(classes=list(FASHION_MNIST)))
        if params.source == "fashion_mnist":
            fetch_fashion_mnist(params.location, root, temporary)
            return
        sizes = {"train": params.sample.train_images, "test": params.sample.test_images}
        for number, (split, count) in enumerate(sizes.items()):
            write_split(temporary, split, *draw_garments(count, params.sample.seed, number))
