"""Messages about files that do not have the extension of an image."""

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from latent.raw.folder_or_zip import FileTree, printable
from latent.raw.image import IMAGE_EXTENSIONS

MAX_LOGGED = 5  # maximum number of extensions that a message lists

log = logging.getLogger(__name__)


def warn_of_ignored_files(files: FileTree, others: Sequence[str]) -> None:
    """Log a warning if there are files without the extension of an image.

    Args:
        files: folder or zip that contains the files.
        others: their paths.
    """
    if others:
        log.warning(
            "%s: ignored %s files without the extension of an image (%s): %s, such as %s",
            printable(files.location),
            f"{len(others):,}",
            ", ".join(IMAGE_EXTENSIONS),
            count_extensions(others),
            printable(others[0]),
        )


def count_extensions(names: Sequence[str]) -> str:
    """Return the number of files of each extension, such as "12 .heic, 1 without extension"."""
    counts = Counter(
        printable(PurePosixPath(name).suffix.lower()) or "without extension" for name in names
    )
    listed = [f"{count:,} {extension}" for extension, count in counts.most_common(MAX_LOGGED)]
    return ", ".join([*listed, *(["…"] if len(counts) > MAX_LOGGED else [])])


def describe_missing_images(others: Sequence[str], also: str = "") -> str:
    """Return which images are missing, and which files there are instead, for an error message.

    Args:
        others: paths of the files that are not images.
        also: what else is missing, such as " and no IDX files".
    """
    found = f", but {count_extensions(others)}" if others else ""
    return f"no images ({', '.join(IMAGE_EXTENSIONS)}){also}{found}"
