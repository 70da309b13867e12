"""Conversion of Fashion-MNIST images from IDX files into padded arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import SPLITS, read_array, write_record
from latent.io.files import whole_folder
from latent.params import DownloadFashion, PreprocessFashion
from latent.params.sides import padding_problem
from latent.preprocess.brightness import warn_if_dark
from latent.raw.classes import CLASSES_FILE, read_classes
from latent.raw.folder_or_zip import printable
from latent.raw.idx import images_file, labels_file, read_idx


def preprocess_fashion(
    raw: Path, source: DownloadFashion, params: PreprocessFashion, halvings: int, folder: Path
) -> None:
    """Make a processed dataset from IDX files.

    Args:
        raw: folder with the four IDX files and classes.json.
        source: source of the files, for dataset.json.
        params: the padding.
        halvings: number of times that the networks halve an image.
        folder: folder of the processed dataset, written atomically.

    Raises:
        InputError: a file is missing or damaged, the numbers of images, labels and names differ, a
            label has no class, or the padded images cannot be halved `halvings` times.
    """
    classes = read_classes(raw)
    with whole_folder(folder) as temporary:
        for split in SPLITS:
            images_path, labels_path = raw / images_file(split), raw / labels_file(split)
            images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
            if len(labels) != len(images):
                raise InputError(
                    f"{labels_path}: {len(labels)} labels for {len(images)} images; there must be "
                    "one label per image"
                )
            if len(labels) and labels.max() >= len(classes.classes):
                raise InputError(
                    f"{labels_path}: label {labels.max()}; allowed are 0 to "
                    f"{len(classes.classes) - 1}"
                )
            names = classes.images.get(split, range(len(images)))
            if len(names) != len(images):
                raise InputError(
                    f"{raw / CLASSES_FILE}: {len(names)} names for {len(images)} images; there "
                    "must be one name per image"
                )
            if problem := padding_problem(images.shape[1:], params.padding, halvings):
                raise InputError(f"{images_path}: {problem}")
            np.save(temporary / f"{split}.npy", pad(images, params.padding))
            table = pd.DataFrame({"image_id": names, "label": labels})
            table.to_parquet(temporary / f"{split}.parquet", index=False)
        record = {
            "name": "fashion",
            "source": source.source,
            # User-supplied images are fitted into squares by `latent.raw.grey`, before the padding.
            "preparation": {"fit": "pad", "padding": params.padding},
        }
        write_record(temporary, record | classes.model_dump(exclude={"images"}))
        if source.source != "sample":
            arrays = (read_array(temporary / f"{split}.npy") for split in SPLITS)
            warn_if_dark(printable(raw), arrays)


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return images (N, H, W) with `padding` black pixels on each side, as (N, H', W', 1).

    Example 3-2: padding 28×28 images to 32×32 allows halving them five times.
    """
    border = (padding, padding)
    return np.pad(images, ((0, 0), border, border))[..., np.newaxis]
