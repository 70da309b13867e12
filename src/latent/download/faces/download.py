"""The archive of face images, from the source in params.yaml."""

from pathlib import Path

from latent.download.faces.celeba_archive import copy_archive
from latent.download.faces.kaggle import fetch_kaggle
from latent.download.faces.own_images import pack_folder
from latent.download.faces.sample.archive import write_sample
from latent.io.files import resolve_location, whole_folder
from latent.params import DownloadFaces
from latent.raw.celeba.layout import ARCHIVE


def download_faces(params: DownloadFaces, root: Path, folder: Path) -> None:
    """Make a folder with one archive in the layout of `latent.raw.celeba.layout`.

    Args:
        params: the source and its parameters.
        root: folder that relative locations are relative to. A partial download from Kaggle is kept
            in its subfolder .cache/download.
        folder: folder of the archive, written atomically.

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
                copy_archive(resolve_location(params.location or "", root), temporary)
            case "folder":
                location = resolve_location(params.folder.location, root)
                pack_folder(location, params.folder, temporary / ARCHIVE)
