"""The published Fashion-MNIST: fetched from a mirror or a folder, verified by content.

Source: Xiao, Rasul & Vollgraf, Fashion-MNIST, arXiv:1708.07747 (MIT licence).
"""

import gzip
import hashlib
import os
import shutil
import zlib
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from latent.errors import InputError

# SHA-256 of the unpacked content: a gzip file of the same content may have another header.
CONTENT_SHA256 = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",  # noqa: E501
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",  # noqa: E501
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
TIMEOUT = 30  # seconds to connect, and between two pieces of an answer
CHUNK = 1 << 16


def fetch_fashion_mnist(location: str, root: Path, folder: Path) -> None:
    """Put the four verified files of Fashion-MNIST into `folder`.

    Args:
        location: an https:// or file:// address, or a folder; a relative one counts from `root`.
        root: where relative folders begin.
        folder: where the files go; it exists.

    Raises:
        InputError: `location` has another scheme or cannot be reached, or a file in it is missing
            or has other content than the published one.
    """
    parent = _local_folder(location)
    for name, expected in CONTENT_SHA256.items():
        source = f"{location.rstrip('/')}/{name}"
        if parent is None:
            _download(source, folder / name)
        else:
            _copy(root / parent / name, folder / name)
        actual = _content_sha256(folder / name, source)
        if actual != expected:
            raise InputError(
                f"{source}: unpacked content has SHA-256 {actual}, Fashion-MNIST's is {expected}"
            )


def _local_folder(location: str) -> str | None:
    """Return the folder that `location` names, or None where it is an https:// address."""
    try:
        address = urlsplit(location)
    except ValueError as error:
        raise InputError(f"download.fashion.location is {location!r}: {error}") from None
    match address.scheme, address.netloc:
        case "https", _:
            return None
        case "file", "" | "localhost":
            return url2pathname(address.path)
        case "", _:
            return os.path.expanduser(location)
    raise InputError(
        f"download.fashion.location is {location!r}: only https:// and file:/// addresses and "
        "folders are allowed"
    )


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"{source}: cannot be copied: {error.strerror}") from None


def _download(address: str, target: Path) -> None:
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"
    retry = Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    try:
        with session.get(address, stream=True, timeout=TIMEOUT) as answer, target.open("wb") as out:
            answer.raise_for_status()
            size = int(answer.headers.get("Content-Length", 0)) or None
            bar = tqdm(desc=target.name, total=size, unit="B", unit_scale=True, disable=None)
            with bar:
                # As it is: some servers call a .gz file an encoding, which requests would undo.
                for chunk in answer.raw.stream(CHUNK, decode_content=False):
                    bar.update(out.write(chunk))
    except (OSError, ValueError, HTTPError) as error:
        raise InputError(f"{address}: cannot be downloaded: {error}") from None


def _content_sha256(path: Path, source: str) -> str:
    digest = hashlib.sha256()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{source}: is no whole gzip file: {error}") from None
    return digest.hexdigest()
