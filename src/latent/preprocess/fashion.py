"""Conversion of Fashion-MNIST images from IDX files into padded arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import SPLITS, write_record
from latent.io.files import whole_folder
from latent.params import DownloadFashion, PreprocessFashion
from latent.raw.classes import CLASSES_FILE, read_classes
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
            _check_halvings(images_path, images.shape[1:], params.padding, halvings)
            np.save(temporary / f"{split}.npy", pad(images, params.padding))
            table = pd.DataFrame({"image_id": names, "label": labels})
            table.to_parquet(temporary / f"{split}.parquet", index=False)
        record = {"name": "fashion", "source": source.source}
        write_record(temporary, record | classes.model_dump(exclude={"images"}))


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return images (N, H, W) with `padding` black pixels on each side, as (N, H', W', 1).

    Example 3-2: padding 28×28 images to 32×32 allows halving them five times.
    """
    border = (padding, padding)
    return np.pad(images, ((0, 0), border, border))[..., np.newaxis]


def _check_halvings(path: Path, sides: tuple[int, ...], padding: int, halvings: int) -> None:
    """Raise InputError with a suitable padding if the padded images cannot be halved so often."""
    factor = 2**halvings

    def fits(width: int) -> bool:
        return all((side + 2 * width) % factor == 0 for side in sides)

    if fits(padding):
        return
    # Suitable paddings repeat with a period of `factor`, so two periods contain all solutions.
    fitting = [str(width) for width in range(2 * factor) if fits(width)]
    advice = (
        f"set preprocess.fashion.padding to {' or '.join(fitting)}"
        if fitting
        else "no padding fits, resize the images"
    )
    raise InputError(
        f"{path}: images of {'×'.join(map(str, sides))} pixels with a padding of {padding} cannot "
        f"be halved {halvings} times (once per entry of filters); both sides must be multiples of "
        f"{factor}: {advice}"
    )
