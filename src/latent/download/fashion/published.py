"""The published Fashion-MNIST: downloaded or copied, and verified by checksum.

Source: Xiao, Rasul & Vollgraf, Fashion-MNIST, arXiv:1708.07747 (MIT licence).
"""

import gzip
import hashlib
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

from latent.errors import InputError, describe, hide_credentials
from latent.io.files import resolve_location
from latent.raw.folder_or_zip import printable

# SHA-256 of the uncompressed content, because gzip files of the same content may differ.
CONTENT_SHA256 = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",  # noqa: E501
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",  # noqa: E501
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
TIMEOUT = 30  # seconds to connect, and between two parts of a response
CHUNK = 1 << 16  # bytes
FILES = f"the files {', '.join(CONTENT_SHA256)}"


def fetch_fashion_mnist(location: str, root: Path, folder: Path) -> None:
    """Put the four files of Fashion-MNIST into `folder`, and verify them.

    Args:
        location: an https:// or file:// URL, or a folder.
        root: folder that a relative location is relative to.
        folder: existing folder to write into.

    Raises:
        InputError: `location` has another scheme or cannot be reached, or a file is missing or
            differs from the published one.
    """
    parent = _local_folder(location, root)
    if parent and parent.exists() and not parent.is_dir():
        raise InputError(f"{printable(parent)}: not a folder; a folder with {FILES} is needed")
    for name, expected in CONTENT_SHA256.items():
        source = f"{location.rstrip('/')}/{name}"
        if parent is None:
            _download(source, folder / name)
        else:
            _copy(parent / name, folder / name)
        source = hide_credentials(source)
        actual = _content_sha256(folder / name, source)
        if actual != expected:
            raise InputError(
                f"{source}: the uncompressed content has SHA-256 {actual}; expected {expected}"
            )


def _local_folder(location: str, root: Path) -> Path | None:
    """Return the folder at `location`, or None if it is an https:// URL."""
    if ":/" not in location:
        return resolve_location(location, root)
    shown = hide_credentials(repr(location))
    try:
        # In a file:// URL, # and ? are part of the path.
        url = urlsplit(location.replace("#", "%23").replace("?", "%3F"))
    except ValueError as error:
        raise InputError(f"download.fashion.location is {shown}: {error}") from None
    match url.scheme, url.netloc:
        case "https", _:
            return None
        case "file", "" | "localhost":
            return root / url2pathname(url.path)
    raise InputError(
        f"download.fashion.location is {shown}: allowed are https:// and file:/// URLs and folders"
    )


def _copy(source: Path, target: Path) -> None:
    try:
        if source.exists() and not source.is_file():  # a named pipe or a device may never end
            raise InputError(f"{printable(source)}: cannot be copied: not a regular file")
        shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"{printable(source)}: cannot be copied: {describe(error)}") from None


def _download(url: str, target: Path) -> None:
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"
    retry = Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    try:
        with (
            session.get(url, stream=True, timeout=TIMEOUT) as response,
            target.open("wb") as file,
        ):
            response.raise_for_status()
            size = int(response.headers.get("Content-Length", 0)) or None
            with tqdm(desc=target.name, total=size, unit="B", unit_scale=True, disable=None) as bar:
                # Some servers declare gzip as the encoding of a .gz file. Do not decode it.
                for chunk in response.raw.stream(CHUNK, decode_content=False):
                    bar.update(file.write(chunk))
    except (OSError, ValueError, HTTPError) as error:
        reason = hide_credentials(f"{url}: cannot be downloaded: {describe(error)}")
        raise InputError(reason) from None


def _content_sha256(path: Path, source: str) -> str:
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{source}: not a valid gzip file: {describe(error)}") from None
