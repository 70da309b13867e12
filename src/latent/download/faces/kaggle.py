"""CelebA from Kaggle: downloaded by Kaggle's own client, resumable, and verified."""

import shutil
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tqdm import tqdm

from latent.download.faces.disk import clone_or_copy
from latent.download.faces.kaggle_client import Failure, fetch, size_of
from latent.errors import InputError, describe
from latent.locks import in_turn
from latent.raw.celeba.layout import ATTRIBUTES, find_tables, open_archive, read_layout
from latent.raw.folder_or_zip import ZIP_ERRORS, printable

RETRIES = 5  # number of times that an interrupted connection is resumed within one run
PATIENCE = 180  # seconds without data until the download fails, including pauses between retries
POLL_INTERVAL = 0.2  # seconds between two checks of the progress
CHUNK = 1 << 20  # bytes read at a time


def fetch_kaggle(dataset: str, partial: Path, target: Path) -> None:
    """Download a dataset in the layout of CelebA from Kaggle, and verify it completely.

    Kaggle's client finds the user's API key by its own rules, and makes anonymous requests if there
    is none. A partial download stays in `partial` until it is complete and verified. If another
    process downloads the same dataset into `partial`, this one waits and takes its file.

    Args:
        dataset: "owner/name" or "owner/name/version".
        partial: folder for partial downloads.
        target: zip file to write.

    Raises:
        InputError: Kaggle refuses the request or cannot be reached, the disk has not enough space,
            or the downloaded file is damaged or has another layout.
    """
    folder = partial / dataset.replace("/", "@")
    archive, verified = folder / "archive.zip", folder / "verified.zip"
    with in_turn(partial.with_name("locks"), f"download {dataset}") as others_wait:
        folder.mkdir(parents=True, exist_ok=True)
        if not verified.exists():  # else another process kept it for this one
            _download(dataset, archive)
            try:
                _verify(archive)
            except InputError as error:
                archive.unlink()
                raise InputError(
                    f"{dataset}: the file that Kaggle sent is invalid and was deleted: {error}"
                ) from None
            archive.rename(verified)
        if others_wait():
            clone_or_copy(verified, target)
        else:
            shutil.move(verified, target)
            shutil.rmtree(folder)


def _download(dataset: str, archive: Path) -> None:
    """Run the client in a process, show its progress, and kill it if no more data arrive."""
    context = get_context("spawn")  # a fork would copy locks, but not the threads that release them
    receiver, sender = context.Pipe(duplex=False)
    client = context.Process(target=fetch, args=(dataset, archive, RETRIES, sender), daemon=True)
    client.start()
    sender.close()  # the client then has the only open end, and the pipe ends with the client
    try:
        failure = _watch(client, receiver, archive)
    finally:
        client.kill()
        client.join()
        receiver.close()
    if failure:
        kept = "; the partial download is kept, and the next run resumes it"
        raise InputError(_explain(dataset, failure) + (kept if size_of(archive) else ""))


def _watch(client: BaseProcess, receiver: Connection, archive: Path) -> Failure | None:
    """Wait for the client's outcome, and return it."""
    received = size_of(archive)
    last = time.monotonic()
    with tqdm(
        desc="Downloading faces", initial=received, unit="B", unit_scale=True, disable=None
    ) as bar:
        while time.monotonic() - last <= PATIENCE:
            if receiver.poll(POLL_INTERVAL):
                try:
                    message: int | Failure | None = receiver.recv()
                except EOFError:
                    client.join()
                    return Failure(f"Kaggle's client exited with code {client.exitcode}")
                if not isinstance(message, int):
                    return message
                bar.total = message or None
            size = size_of(archive)
            if size != received:
                bar.update(size - received)
                received, last = size, time.monotonic()
    return Failure(f"no data arrived for {PATIENCE} seconds")


def _explain(dataset: str, failure: Failure) -> str:
    page = f"https://www.kaggle.com/datasets/{'/'.join(dataset.split('/')[:2])}"
    answer = f"Kaggle answered {failure.status} ({failure.reason})"
    match failure.status:
        case 0:
            return f"{dataset}: cannot be downloaded from Kaggle: {failure.reason}"
        case 401 | 403 if failure.has_key:
            problem = "to a request with your API key; check that the key is valid"
            return f"{dataset}: {answer} {problem}: {_steps(page)}"
        case 401 | 403:
            return f"{dataset}: {answer}, and no API key was found: {_steps(page)}"
        case 404:
            return f"download.faces.dataset is {dataset!r}: {answer}; check that {page} exists"
        case 429:
            return f"{dataset}: {answer}: too many requests or too much data; try again later"
        case _:
            return f"{dataset}: {answer}; try again later"


def _steps(page: str) -> str:
    return (
        "1. sign in at https://www.kaggle.com, 2. accept the terms at "
        f"{page}, if there are any, 3. create an API token under Settings, API, "
        "4. save it as ~/.kaggle/access_token or set KAGGLE_API_TOKEN to it, 5. run this again"
    )


def _verify(archive: Path) -> None:
    """Raise InputError if an archive is damaged or not in the layout of CelebA."""
    with open_archive(archive) as opened:
        if ATTRIBUTES not in find_tables(opened.namelist(), str(archive)):
            raise InputError(f"{archive}: contains no {ATTRIBUTES}.csv")
        read_layout(opened, {})
        for name in tqdm(opened.namelist(), "Verifying faces", unit="files", disable=None):
            try:
                with opened.open(name) as member:  # reading verifies the checksum
                    while member.read(CHUNK):
                        pass
            except ZIP_ERRORS as error:
                raise InputError(
                    f"{archive}: {printable(name)}: damaged: {describe(error)}"
                ) from None
