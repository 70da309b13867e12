"""The archive of faces, from the source that params.yaml names."""

import os
from pathlib import Path

from latent.download.faces.celeba_archive import take_archive
from latent.download.faces.kaggle import fetch_kaggle
from latent.download.faces.own_images import pack_folder
from latent.download.faces.sample.archive import write_sample
from latent.io.files import whole_folder
from latent.params import DownloadFaces
from latent.raw.celeba.layout import ARCHIVE


def download_faces(params: DownloadFaces, root: Path, folder: Path) -> None:
    """Make `folder` with one archive in the layout of `latent.raw.celeba.layout`.

    Args:
        params: the source, and what it needs.
        root: where a relative location begins, and where an interrupted download is kept.
        folder: made whole or not at all.

    Raises:
        InputError: the source cannot be used.
    """
    with whole_folder(folder) as temporary:
        match params.source:
            case "sample":
                write_sample(temporary / ARCHIVE, params.sample.images, params.sample.seed)
            case "kaggle":
                fetch_kaggle(params.dataset, root / ".cache/download", temporary / ARCHIVE)
            case "archive":
                take_archive(_place(params.location or "", root), temporary)
            case "folder":
                own = params.folder
                location = _place(own.location, root)
                pack_folder(location, own.test_fraction, own.seed, temporary / ARCHIVE)


def _place(location: str, root: Path) -> Path:
    return root / os.path.expanduser(location)
