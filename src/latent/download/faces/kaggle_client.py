"""What runs in a process of its own: Kaggle's client, fetching one data set.

The client prints, may wait for ever, and calls `exit`; and what it prints can hold a key. So it
works where nobody sees its output, where it can be stopped, and where what it has to say about a
failure is put into other words.
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

from latent.download.faces.disk import require_room
from latent.errors import InputError
from latent.raw.celeba.wrong_file import describe_mistaken
from latent.raw.folder_or_zip import one_line

# Make the client print requests with the keys in them, and read answers of any size at once.
TALKATIVE = ("VERBOSE", "VERBOSE_OUTPUT")
COPIES = 2  # of the file that the disk must hold: DVC keeps one in its cache


@dataclass(frozen=True)
class Failure:
    """Why nothing was fetched.

    Attributes:
        reason: in words, without a key.
        status: of Kaggle's answer, as of HTTP; 0 where the failure was another.
        signed_in: whether Kaggle was told who asks.
    """

    reason: str
    status: int = 0
    signed_in: bool = False


def fetch(dataset: str, target: Path, retries: int, outcome: Connection) -> None:
    """Fetch a data set's zip, and go on where an earlier attempt ended.

    Sends the file's size, an int, once it is known; then a `Failure`, or None when all is there.

    Args:
        dataset: "owner/name" or "owner/name/version".
        target: the file; what came of it so far stays there. Its folder exists.
        retries: how often a broken connection is taken up again.
        outcome: where to send to.
    """
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # tqdm's own lock is one among processes, which one that is killed would leave behind.
    tqdm.set_lock(threading.RLock())
    for name in TALKATIVE:
        os.environ.pop(name, None)
    try:
        with FileLock(target.with_name("lock"), timeout=0):
            outcome.send(_fetch(dataset, target, retries, outcome))
    except Timeout:
        outcome.send(Failure(f"another process is fetching {dataset}"))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _fetch(dataset: str, target: Path, retries: int, outcome: Connection) -> Failure | None:
    # It looks for keys, and may ask Kaggle about them, as soon as it is imported.
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
            answer = client.datasets.dataset_api_client.download_dataset(request)
            size = int(answer.headers.get("Content-Length", 0))
            outcome.send(size)
            require_room(target.parent, COPIES * size - size_of(target), dataset)
            if api.download_needed(answer, str(target)):
                api.download_file(
                    answer, str(target), client.http_client(), resume=True, max_retries=retries
                )
    except (Exception, SystemExit) as error:
        return _describe(error, target, secrets)
    if zipfile.is_zipfile(target):
        return None
    what = f"what arrived is no zip file{describe_mistaken(target)}"
    target.unlink(missing_ok=True)
    return Failure(_without(secrets, what))


def _describe(error: BaseException, target: Path, secrets: set[str]) -> Failure:
    """Return what is to be said of an error of the client's, which may quote what is secret."""
    match error:
        case requests.HTTPError(response=requests.Response() as answer):
            return _refusal(answer, secrets)
        case requests.RequestException() | HTTPError():
            reason = "the connection failed, or broke off"
        case InputError():
            reason = str(error)
        case OSError():
            reason = f"the file cannot be written: {error.strerror}"
        case ValueError() if "does not match expected size" in str(error):
            target.unlink(missing_ok=True)
            reason = "what arrived has not the size that was announced"
        case _:
            reason = f"its client failed with {type(error).__name__}"
    return Failure(reason)


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 where there is none yet."""
    return path.stat().st_size if path.exists() else 0


def _refusal(answer: requests.Response, secrets: set[str]) -> Failure:
    """Return what is to be said of an answer that is an error."""
    status, reason = answer.status_code, answer.reason or ""
    try:
        content = answer.json()
        status = max(status, int(content.get("code", 0)))
        reason = str(content.get("message") or reason)
    except (ValueError, TypeError, AttributeError):  # no JSON, or other JSON than Kaggle's
        pass
    asked = answer.history[0].request if answer.history else answer.request
    header = asked.headers.get("Authorization", "")
    words = textwrap.shorten(_without({*secrets, *header.split()[1:]}, reason), 200)
    return Failure(one_line(words), status, bool(header))


def _without(secrets: set[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text
