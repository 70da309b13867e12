"""Kaggle's client, which downloads one dataset in a separate process.

The client prints messages that can contain the API key, may wait forever and may call `exit`.
Therefore it runs in a process that can be killed, its output is discarded, and its errors are
replaced by messages without the key.
"""

import os
import textwrap
import threading
import zipfile
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path

import requests
from filelock import FileLock, Timeout
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from latent.download.faces.disk import require_space
from latent.errors import InputError, describe
from latent.raw.celeba.wrong_file import describe_wrong_file
from latent.raw.folder_or_zip import printable

# Variables that make the client print requests with the key, and read whole responses at once.
VERBOSE_VARIABLES = ("VERBOSE", "VERBOSE_OUTPUT")
COPIES = 2  # of the file on the disk: DVC keeps one in its cache


@dataclass(frozen=True)
class Failure:
    """Why a download failed.

    Attributes:
        reason: a message without the API key.
        status: HTTP status of Kaggle's response; 0 if the failure has another cause.
        has_key: whether the request contained an API key.
    """

    reason: str
    status: int = 0
    has_key: bool = False


def fetch(dataset: str, target: Path, retries: int, outcome: Connection) -> None:
    """Download the zip of a dataset, or resume a partial download.

    The function sends the size of the file, an int, when it is known. At the end it sends None
    after a success, or a `Failure`.

    Args:
        dataset: "owner/name" or "owner/name/version".
        target: zip file to write, in an existing folder. It may be a partial download.
        retries: number of times that an interrupted connection is resumed.
        outcome: pipe to send to.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # tqdm's default lock is shared by processes; killing this process would leave it behind.
    tqdm.set_lock(threading.RLock())
    for name in VERBOSE_VARIABLES:
        os.environ.pop(name, None)
    try:
        with FileLock(target.with_name("lock"), timeout=0):
            outcome.send(_fetch(dataset, target, retries, outcome))
    except Timeout:
        outcome.send(Failure(f"another process is downloading {dataset}"))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _fetch(dataset: str, target: Path, retries: int, outcome: Connection) -> Failure | None:
    # Importing the client reads the API key, and may send a request to Kaggle to check it.
    from kaggle import api  # noqa: PLC0415
    from kagglesdk import get_access_token_from_env  # noqa: PLC0415
    from kagglesdk.datasets.types.dataset_api_service import (  # noqa: PLC0415
        ApiDownloadDatasetRequest,
    )

    found = (get_access_token_from_env()[0], *map(api.get_config_value, ("key", "token")))
    secrets = {secret for secret in found if secret}
    try:
        owner, name, version = api.split_dataset_string(dataset)
        request = ApiDownloadDatasetRequest()
        request.owner_slug, request.dataset_slug = owner, name
        request.dataset_version_number = int(version) if version else None
        with api.build_kaggle_client() as client:
            response = client.datasets.dataset_api_client.download_dataset(request)
            size = int(response.headers.get("Content-Length", 0))
            outcome.send(size)
            require_space(target.parent, COPIES * size - size_of(target), dataset)
            if api.download_needed(response, str(target)):
                api.download_file(
                    response, str(target), client.http_client(), resume=True, max_retries=retries
                )
    except (Exception, SystemExit) as error:
        return _describe(error, target, secrets)
    if zipfile.is_zipfile(target):
        return None
    problem = f"the downloaded file is not a zip file{describe_wrong_file(target)}"
    target.unlink(missing_ok=True)
    return Failure(_redact(secrets, problem))


def _describe(error: BaseException, target: Path, secrets: set[str]) -> Failure:
    """Return the failure for an error of the client, whose own message may contain the API key."""
    match error:
        case requests.HTTPError(response=requests.Response() as response):
            return _describe_response(response, secrets)
        case requests.RequestException() | HTTPError():
            reason = "the connection failed or was interrupted"
        case InputError():
            reason = str(error)
        case OSError():
            reason = f"the file cannot be written: {describe(error)}"
        case ValueError() if "does not match expected size" in str(error):
            target.unlink(missing_ok=True)
            reason = "the downloaded file does not have the announced size"
        case _:
            reason = f"Kaggle's client failed with {type(error).__name__}"
    return Failure(reason)


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 if it does not exist."""
    return path.stat().st_size if path.exists() else 0


def _describe_response(response: requests.Response, secrets: set[str]) -> Failure:
    """Return the failure for an error response."""
    status, reason = response.status_code, response.reason or ""
    try:
        content = response.json()
        status = max(status, int(content.get("code", 0)))
        reason = str(content.get("message") or reason)
    except (ValueError, TypeError, AttributeError):  # not JSON, or not Kaggle's JSON
        pass
    request = response.history[0].request if response.history else response.request
    header = request.headers.get("Authorization", "")
    text = textwrap.shorten(_redact({*secrets, *header.split()[1:]}, reason), 200)
    return Failure(printable(text), status, bool(header))


def _redact(secrets: set[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text
