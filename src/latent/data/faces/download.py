"""The archive of faces, from the source that params.yaml names."""

import os
from pathlib import Path

from latent.data.faces.archive import take_archive
from latent.data.faces.sample import write_sample
from latent.files import whole_folder
from latent.params import DownloadFaces

ARCHIVE = "celeba.zip"


def download_faces(params: DownloadFaces, root: Path, folder: Path) -> None:
    """Make `folder` with one archive in the layout of `latent.data.celeba`.

    Args:
        params: the source, and what it needs.
        root: where a relative location begins.
        folder: made whole or not at all.

    Raises:
        InputError: the source cannot be used.
    """
    with whole_folder(folder) as temporary:
        if params.source == "archive" and params.location is not None:
            take_archive(root / os.path.expanduser(params.location), temporary / ARCHIVE)
        else:
            write_sample(temporary / ARCHIVE, params.sample.images, params.sample.seed)
