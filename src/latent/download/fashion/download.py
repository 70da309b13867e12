"""The raw files of garments, from the source that params.yaml names."""

from pathlib import Path

from latent.download.fashion.own_images import take_garments
from latent.download.fashion.published import fetch_fashion_mnist
from latent.download.fashion.sample.draw import draw_garments
from latent.io.files import whole_folder
from latent.params import DownloadFashion
from latent.raw.classes import FASHION_MNIST, Classes, write_classes
from latent.raw.idx import FILES, IMAGES, LABELS, write_idx


def download_fashion(params: DownloadFashion, root: Path, folder: Path) -> None:
    """Make `folder` with the four gzipped IDX files under their published names, and classes.json.

    Args:
        params: the source, and what it needs.
        root: where a relative location begins.
        folder: made whole or not at all.

    Raises:
        InputError: the source cannot be used.
    """
    with whole_folder(folder) as temporary:
        if params.source == "folder":
            take_garments(params.folder, root, temporary)
            return
        write_classes(temporary, Classes(classes=list(FASHION_MNIST)))
        if params.source == "fashion_mnist":
            fetch_fashion_mnist(params.location, root, temporary)
            return
        sizes = {"train": params.sample.train_images, "test": params.sample.test_images}
        for number, (split, count) in enumerate(sizes.items()):
            images, labels = draw_garments(count, params.sample.seed, number)
            write_idx(temporary / f"{IMAGES.format(FILES[split])}.gz", images)
            write_idx(temporary / f"{LABELS.format(FILES[split])}.gz", labels)
