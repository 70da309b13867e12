"""Garments: IDX files to padded arrays."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latent.data.dataset import write_record
from latent.data.idx import read_idx
from latent.errors import InputError
from latent.files import whole_folder
from latent.params import DownloadFashion, PreprocessFashion

CLASSES = 10
FILES = {"train": "train", "test": "t10k"}


def preprocess_fashion(
    raw: Path, source: DownloadFashion, params: PreprocessFashion, folder: Path
) -> None:
    """Make the processed data set `folder` from the four IDX files in `raw`.

    Raises:
        InputError: a file is missing or damaged, or images and labels do not fit together.
    """
    with whole_folder(folder) as temporary:
        for split, prefix in FILES.items():
            images = read_idx(raw / f"{prefix}-images-idx3-ubyte.gz", 3)
            labels_path = raw / f"{prefix}-labels-idx1-ubyte.gz"
            labels = read_idx(labels_path, 1)
            if len(labels) != len(images):
                raise InputError(
                    f"{labels_path}: {len(labels)} labels for {len(images)} images; "
                    "there must be one for each"
                )
            if len(labels) and labels.max() >= CLASSES:
                raise InputError(
                    f"{labels_path}: label {labels.max()}; 0 to {CLASSES - 1} are allowed"
                )
            np.save(temporary / f"{split}.npy", pad(images, params.padding))
            table = pd.DataFrame({"image_id": np.arange(len(labels)), "label": labels})
            table.to_parquet(temporary / f"{split}.parquet", index=False)
        write_record(
            temporary,
            {"name": "fashion", "source": source.source, "left_out": {}},
        )


def pad(images: NDArray[np.uint8], padding: int) -> NDArray[np.uint8]:
    """Return images (N, H, W) with `padding` black pixels on each side, as (N, H', W', 1).

    Example 3-2: 28×28 becomes 32×32, which can be halved five times.
    """
    border = (padding, padding)
    return np.pad(images, ((0, 0), border, border))[..., np.newaxis]
