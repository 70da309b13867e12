"""Garments: IDX files to padded arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.errors import InputError
from latent.io.dataset import write_record
from latent.io.files import whole_folder
from latent.params import DownloadFashion, PreprocessFashion
from latent.raw.classes import FILE, read_classes
from latent.raw.idx import FILES, IMAGES, LABELS, read_idx


def preprocess_fashion(
    raw: Path, source: DownloadFashion, params: PreprocessFashion, halvings: int, folder: Path
) -> None:
    """Make the processed data set `folder` from the IDX files in `raw`.

    Args:
        raw: folder with the four files and classes.json.
        source: where the files came from, for the record.
        params: how they are padded.
        halvings: how often a network will halve an image.
        folder: made whole or not at all.

    Raises:
        InputError: a file is missing or damaged, images, labels and names do not fit together, or
            the padded images cannot be halved as often.
    """
    about = read_classes(raw)
    with whole_folder(folder) as temporary:
        for split, prefix in FILES.items():
            images_path, labels_path = (
                raw / f"{kind.format(prefix)}.gz" for kind in (IMAGES, LABELS)
            )
            images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
            if len(labels) != len(images):
                raise InputError(
                    f"{labels_path}: {len(labels)} labels for {len(images)} images; "
                    "there must be one for each"
                )
            if len(labels) and labels.max() >= len(about.classes):
                raise InputError(
                    f"{labels_path}: label {labels.max()}; 0 to {len(about.classes) - 1} are "
                    "allowed"
                )
            names = about.images.get(split, range(len(images)))
            if len(names) != len(images):
                raise InputError(f"{raw / FILE}: {len(names)} names for {len(images)} images")
            _check_halves(images_path, images.shape[1:], params.padding, halvings)
            np.save(temporary / f"{split}.npy", pad(images, params.padding))
            table = pd.DataFrame({"image_id": names, "label": labels})
            table.to_parquet(temporary / f"{split}.parquet", index=False)
        record = {"name": "fashion", "source": source.source}
        write_record(temporary, record | about.model_dump(exclude={"images"}))


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return images (N, H, W) with `padding` black pixels on each side, as (N, H', W', 1).

    Example 3-2: 28×28 becomes 32×32, which can be halved five times.
    """
    border = (padding, padding)
    return np.pad(images, ((0, 0), border, border))[..., np.newaxis]


def _check_halves(path: Path, sides: tuple[int, ...], padding: int, halvings: int) -> None:
    """Raise InputError, with a padding that would do, where padded images cannot be halved."""
    factor = 2**halvings

    def fits(width: int) -> bool:
        return all((side + 2 * width) % factor == 0 for side in sides)

    if fits(padding):
        return
    # What fits comes again and again, a factor later at the latest.
    fitting = [str(width) for width in range(2 * factor) if fits(width)]
    advice = (
        f"preprocess.fashion.padding={' or '.join(fitting)} would do"
        if fitting
        else "no padding on all sides can do that; give images of other sides"
    )
    raise InputError(
        f"{path}: images of {'×'.join(map(str, sides))} pixels, with a padding of {padding}, "
        f"cannot be halved {halvings} times (one per entry of filters): both sides must become "
        f"multiples of {factor}; {advice}"
    )
