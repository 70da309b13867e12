"""CelebA as Kaggle has it: fetched by Kaggle's own client, resumed, and checked."""

import shutil
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tqdm import tqdm

from latent.download.faces.kaggle_client import Failure, fetch, size_of
from latent.errors import InputError
from latent.raw.celeba.layout import ATTRIBUTES, find_tables, open_archive, read_layout
from latent.raw.folder_or_zip import UNREADABLE, one_line

RETRIES = 5  # of a connection that broke off, within one run
PATIENCE = 180  # seconds without a byte, the client's pauses between its retries included
PULSE = 0.2  # seconds between two looks at how much has arrived
CHUNK = 1 << 20  # bytes read at a time


def fetch_kaggle(dataset: str, scratch: Path, target: Path) -> None:
    """Fetch a data set in the layout of CelebA from Kaggle, and check all of it.

    Kaggle's client finds the user's credentials by its own rules, and asks without any where there
    are none. What has arrived stays in `scratch` until all of it is there and in order.

    Args:
        dataset: "owner/name" or "owner/name/version".
        scratch: folder for what is not complete yet.
        target: the zip file to make.

    Raises:
        InputError: Kaggle refuses or cannot be reached, the disk has no room, or what arrives is
            not what it should be.
    """
    folder = scratch / dataset.replace("/", "@")
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "archive.zip"
    _download(dataset, archive)
    try:
        _check(archive)
    except InputError as error:
        archive.unlink()
        raise InputError(f"what Kaggle sent for {dataset} was removed again: {error}") from None
    shutil.move(archive, target)
    shutil.rmtree(folder)


def _download(dataset: str, archive: Path) -> None:
    """Let the client work, show how far it is, and stop it when nothing arrives any more."""
    context = get_context("spawn")  # a fork would copy threads' locks, and none of the threads
    receiver, sender = context.Pipe(duplex=False)
    client = context.Process(target=fetch, args=(dataset, archive, RETRIES, sender), daemon=True)
    client.start()
    sender.close()  # so that the end of the client is the end of the pipe
    try:
        failure = _watch(client, receiver, archive)
    finally:
        client.kill()
        client.join()
        receiver.close()
    if failure:
        kept = "; what has arrived is kept, and the next run goes on from there"
        raise InputError(_explain(dataset, failure) + (kept if size_of(archive) else ""))


def _watch(client: BaseProcess, receiver: Connection, archive: Path) -> Failure | None:
    """Wait for the outcome, and return it."""
    arrived = size_of(archive)
    last = time.monotonic()
    with tqdm(
        desc="Downloading faces", initial=arrived, unit="B", unit_scale=True, disable=None
    ) as bar:
        while time.monotonic() - last <= PATIENCE:
            if receiver.poll(PULSE):
                try:
                    message: int | Failure | None = receiver.recv()
                except EOFError:
                    client.join()
                    return Failure(f"its client ended with code {client.exitcode}")
                if not isinstance(message, int):
                    return message
                bar.total = message or None
            size = size_of(archive)
            if size != arrived:
                bar.update(size - arrived)
                arrived, last = size, time.monotonic()
    return Failure(f"nothing arrived for {PATIENCE} seconds")


def _explain(dataset: str, failure: Failure) -> str:
    page = f"https://www.kaggle.com/datasets/{'/'.join(dataset.split('/')[:2])}"
    why = f"Kaggle answered {failure.status} ({failure.reason})"
    match failure.status:
        case 0:
            return f"{dataset} cannot be fetched from Kaggle: {failure.reason}"
        case 401 | 403 if failure.signed_in:
            return f"{dataset}: {why} to your key; check that it is still valid: {_steps(page)}"
        case 401 | 403:
            return f"{dataset}: {why}, and found no key of yours: {_steps(page)}"
        case 404:
            return f"download.faces.dataset is {dataset!r}: {why}; is {page} what you mean?"
        case 429:
            return f"{dataset}: {why}: too many requests or too much data; try again later"
        case _:
            return f"{dataset}: {why}; try again later"


def _steps(page: str) -> str:
    return (
        "1. sign in at https://www.kaggle.com, 2. see at "
        f"{page} whether there are terms to accept, 3. make a token under Settings, API, "
        "4. save it as ~/.kaggle/access_token or set KAGGLE_API_TOKEN to it, 5. run this again"
    )


def _check(archive: Path) -> None:
    """Raise InputError where an archive is damaged, or not in the layout of CelebA."""
    with open_archive(archive) as opened:
        if ATTRIBUTES not in find_tables(opened.namelist(), str(archive)):
            raise InputError(f"{archive}: holds no {ATTRIBUTES}.csv")
        read_layout(opened, {})
        for name in tqdm(opened.namelist(), "Checking faces", unit="files", disable=None):
            try:
                with opened.open(name) as member:  # which checks what it reads
                    while member.read(CHUNK):
                        pass
            except UNREADABLE as error:
                raise InputError(f"{archive}: {one_line(name)}: is damaged: {error}") from None
