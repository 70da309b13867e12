"""Downloads with Kaggle's unmodified client from a test server, and their failures."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from filelock import FileLock
from kaggle_server import DOWNLOAD, INTROSPECT, SIGNATURE, Plan, Server, serve

from latent.download.faces import kaggle
from latent.download.faces.download import download_faces
from latent.download.faces.sample.archive import write_sample
from latent.errors import InputError
from latent.params import DownloadFaces, Params
from latent.raw.celeba.layout import open_archive, read_layout

DATASET = "jessicali9530/celeba-dataset"
KEY = "a-secret-api-key"
COUNT = 320  # faces, more than 3 MB in total: the client writes in parts of 1 MB
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive that is large enough for an interrupted download."""
    path = tmp_path_factory.mktemp("kaggle") / "archive.zip"
    write_sample(path, COUNT, seed=0)
    assert path.stat().st_size > 3 << 20
    return path.read_bytes()


@pytest.fixture
def server(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that the client uses, without an API key and with a separate home folder."""
    for name in [name for name in os.environ if name.startswith(("KAGGLE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(kaggle, "RETRIES", 0)
    with serve(Plan(content)) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of the project."""
    return tmp_path / "project"


@pytest.fixture
def faces(params: Params) -> DownloadFaces:
    return params.download.faces.model_copy(update={"source": "kaggle"})


def download(faces: DownloadFaces, project: Path) -> bytes:
    """Return the content of the downloaded file, and check that it is the only file."""
    folder = project / "data/raw/faces"
    download_faces(faces, project, folder)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    assert list((project / ".cache/download").iterdir()) == []
    return (folder / "celeba.zip").read_bytes()


def get_error(faces: DownloadFaces, project: Path) -> str:
    """Return the error message of a download, and check that it leaves no archive."""
    with pytest.raises(InputError) as caught:
        download(faces, project)
    message = str(caught.value)
    assert message.isprintable()
    assert list((project / "data/raw").glob("*")) == []
    return message


def partial_folder(project: Path) -> Path:
    return project / ".cache/download" / DATASET.replace("/", "@")


def partial_size(project: Path) -> int:
    """Return the size of the partial download in bytes."""
    path = partial_folder(project) / "archive.zip"
    return path.stat().st_size if path.exists() else 0


# Successful downloads


def test_public_dataset_needs_no_key(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    assert download(faces, project) == content
    (request,) = [request for request in server.requests if request.path == DOWNLOAD]
    assert request.body == {"ownerSlug": "jessicali9530", "datasetSlug": "celeba-dataset"}
    assert {request.key for request in server.requests} == {""}
    with open_archive(project / "data/raw/faces/celeba.zip") as archive:
        assert len(read_layout(archive)) == COUNT


def test_dataset_version_is_requested(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    chosen = faces.model_copy(update={"dataset": f"{DATASET}/2"})
    assert download(chosen, project) == content
    (request,) = [request for request in server.requests if request.path == DOWNLOAD]
    assert request.body["datasetVersionNumber"] == 2


@pytest.mark.parametrize("kind", ["token", "token file", "kaggle.json"])
def test_keys_are_found_by_client(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    folder = Path(os.environ["HOME"]) / ".kaggle"
    folder.mkdir()
    expected = f"Bearer {KEY}"
    if kind == "token":
        monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    elif kind == "token file":
        (folder / "access_token").write_text(KEY)
    else:
        (folder / "kaggle.json").write_text(json.dumps({"username": "user", "key": KEY}))
        expected = f"Basic {base64.b64encode(f'user:{KEY}'.encode()).decode()}"
    assert download(faces, project) == content
    keys = {request.key for request in server.requests if request.path == DOWNLOAD}
    assert keys == {expected}


def test_slow_server(server: Server, faces: DownloadFaces, project: Path, content: bytes) -> None:
    server.plan.pause = 0.02
    assert download(faces, project) == content


# Resumed downloads


def test_interrupted_connection_is_resumed(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kaggle, "RETRIES", 1)
    server.plan.cuts = [5 << 19]
    assert download(faces, project) == content
    assert server.ranges == ["", "bytes=2097152-"]


def test_next_run_resumes_download(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.cuts = [5 << 19]
    message = get_error(faces, project)
    assert "the connection failed or was interrupted; the partial download is kept" in message
    assert partial_size(project) == 2 << 20
    assert download(faces, project) == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_changed_file_is_downloaded_from_the_beginning(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.content = content[::-1]
    server.plan.cuts = [5 << 19]
    get_error(faces, project)
    server.plan.content, server.plan.etag = content, '"two"'
    assert download(faces, project) == content
    assert server.ranges == ["", ""]


def test_stalled_download_fails_and_next_run_resumes(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.plan.stalls = [5 << 19]
    with monkeypatch.context() as patched:
        patched.setattr(kaggle, "PATIENCE", 8)
        message = get_error(faces, project)
    assert "no data arrived for 8 seconds; the partial download is kept" in message
    assert partial_size(project) == 2 << 20
    assert download(faces, project) == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_client_of_killed_run_ends_and_next_run_resumes(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.stalls = [5 << 19]
    script = (
        "from pathlib import Path\n"
        "from latent.download.faces.kaggle import fetch_kaggle\n"
        "if __name__ == '__main__':\n"
        f"    root = Path({str(project)!r})\n"
        f"    fetch_kaggle({DATASET!r}, root / '.cache/download', root / 'celeba.zip')\n"
    )
    project.mkdir()
    (project / "run.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, project / "run.py"], env=environment)
    while partial_size(project) < 2 << 20:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # The client ends with the process, and keeps the lock until then.
    for _ in range(100):
        message = attempt(faces, project)
        if "another process is downloading" not in message:
            break
        time.sleep(0.1)
    assert message == ""
    assert (project / "data/raw/faces/celeba.zip").read_bytes() == content
    assert server.ranges[-1] == "bytes=2097152-"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_client_of_stopped_stage_ends(
    server: Server, faces: DownloadFaces, project: Path, content: bytes, stop: signal.Signals
) -> None:
    server.plan.stalls = [5 << 19]
    process = start_stage(project)
    while partial_size(project) < 2 << 20:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, stop)
    process.communicate()
    assert process.returncode != 0
    assert list((project / "data/raw").glob("faces")) == []
    with FileLock(partial_folder(project) / "lock", timeout=30):
        pass  # no other process has the lock
    process = start_stage(project)
    assert process.communicate() == ("", None)
    assert process.returncode == 0
    assert (project / "data/raw/faces/celeba.zip").read_bytes() == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_failed_stage_prints_one_line(
    server: Server, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    server.plan.status, server.plan.message = 403, f"Not for {KEY}"
    process = start_stage(project)
    output, _ = process.communicate()
    assert process.returncode == 1
    (line,) = output.splitlines()
    assert line.startswith(
        f"ERROR: {DATASET}: Kaggle answered 403 (Not for …) to a request with your API key; "
    )


def test_second_copy_of_project_waits_and_takes_the_file(
    server: Server, project: Path, tmp_path: Path, content: bytes
) -> None:
    server.plan.cuts = [len(content), *[0] * 10]  # the file is sent once
    server.plan.pause = 0.02  # per 64 kB: the download takes a second
    first = start_stage(project)
    while not partial_size(project):
        assert first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGSTOP)  # its client continues
    copy = tmp_path / "copy"
    second = start_stage(copy, DVC_ROOT=str(project))
    assert second.stdout is not None
    assert second.stdout.readline() == (
        f"INFO: Waiting for process {first.pid}, which runs the same download {DATASET}\n"
    )
    server.plan.status, server.plan.message = 500, "the second copy asks again"
    first.send_signal(signal.SIGCONT)
    for process, folder in ((first, project), (second, copy)):
        assert process.communicate() == ("", None)
        assert process.returncode == 0
        assert (folder / "data/raw/faces/celeba.zip").read_bytes() == content
    assert list((project / ".cache/download").iterdir()) == []


def start_stage(project: Path, **variables: str) -> "subprocess.Popen[str]":
    """Start the stage in a new process group, with these environment variables."""
    project.mkdir(exist_ok=True)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    section = text.index("\n  faces:\n")
    changed = text[section:].replace("source: sample", "source: kaggle", 1)
    (project / "params.yaml").write_text(text[:section] + changed, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "DVC_ROOT"}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.download_faces"],
        cwd=project,
        env={**environment, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def attempt(faces: DownloadFaces, project: Path) -> str:
    try:
        download(faces, project)
    except InputError as error:
        return str(error)
    return ""


# Failures with an API key, which must not appear in the output

REFUSED = f"The key {KEY} is not valid"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"status": 401, "message": REFUSED},
            [f"{DATASET}: Kaggle answered 401 (The key … is not valid) to a request with your API"],
        ),
        (
            {"status": 403, "message": REFUSED},
            ["answered 403", "3. create an API token under Settings"],
        ),
        (
            {"status": 404, "message": f"Not found {KEY}"},
            [
                f"download.faces.dataset is '{DATASET}': Kaggle answered 404 (Not found …)",
                f"check that https://www.kaggle.com/datasets/{DATASET} exists",
            ],
        ),
        ({"status": 429, "message": "Quota\nexceeded"}, ["429 (Quota exceeded): too many"]),
        ({"status": 500, "message": REFUSED}, ["Kaggle answered 500", "try again later"]),
        ({"declared_size": 10**15}, ["needs 2000000.00 GB, but the disk of ", " GB free"]),
        ({"content": b""}, ["the downloaded file is not a zip file; the file is empty"]),
        (
            {"content": f"<html><title>Sign in, {KEY}</title></html>".encode()},
            ["the downloaded file is not a zip file; the file is a web page: “Sign in, …”"],
        ),
        (
            {
                "content": b"Download quota exceeded.\nTry again in 24 hours.",
                "content_type": "text/plain",
            },
            ["the file is a text: “Download quota exceeded. Try again in 24 hours.”"],
        ),
        ({"declared_size": 3 << 20}, ["the downloaded file is not a zip file"]),
        ({"declared_size": 99 << 20}, ["the connection failed or was interrupted"]),
    ],
    ids=["401", "403", "404", "429", "500", "disk", "empty", "page", "quota", "short", "long"],
)
@pytest.mark.parametrize("verbose", [False, True], ids=["", "verbose"])
def test_error_is_one_line_without_key(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, object],
    problems: list[str],
    verbose: bool,
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    if verbose:
        # The client then prints requests, including the key.
        monkeypatch.setenv("VERBOSE", "true")
    for name, value in changes.items():
        setattr(server.plan, name, value)
    message = get_error(faces, project)
    for problem in problems:
        assert problem in message
    output = capfd.readouterr()
    visible = message + output.out + output.err
    visible += "".join(
        str(path) + path.read_bytes().decode("latin-1")
        for path in project.rglob("*")
        if path.is_file()
    )
    assert KEY not in visible
    assert SIGNATURE not in visible
    assert f"Bearer {KEY}" in {request.key for request in server.requests}


@pytest.mark.parametrize("status", [401, 403])
def test_error_without_key_explains_how_to_get_one(
    server: Server, faces: DownloadFaces, project: Path, status: int
) -> None:
    server.plan.status, server.plan.message = status, "Unauthenticated"
    message = get_error(faces, project)
    assert message == (
        f"{DATASET}: Kaggle answered {status} (Unauthenticated), and no API key was found: "
        "1. sign in at https://www.kaggle.com, 2. accept the terms at "
        f"https://www.kaggle.com/datasets/{DATASET}, if there are any, "
        "3. create an API token under Settings, API, 4. save it as ~/.kaggle/access_token or set "
        "KAGGLE_API_TOKEN to it, 5. run this again"
    )


def test_unreachable_server(
    server: Server, faces: DownloadFaces, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert "cannot be downloaded from Kaggle: the connection failed" in get_error(faces, project)


def test_key_is_used_if_its_check_fails(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    server.plan.key_status = 500
    assert download(faces, project) == content
    assert [request.path for request in server.requests[:2]] == [INTROSPECT, DOWNLOAD]
    assert server.requests[1].key == f"Bearer {KEY}"


# Invalid files


def test_damaged_archive_is_deleted_and_downloaded_again(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    server.plan.content = bytes(damaged)
    message = get_error(faces, project)
    assert f"{DATASET}: the file that Kaggle sent is invalid and was deleted: " in message
    assert message.endswith(": damaged: Bad CRC-32 for file " + message.rpartition("file ")[2])
    assert partial_size(project) == 0
    server.plan.content = content
    assert download(faces, project) == content


def test_other_dataset_is_rejected(
    server: Server, faces: DownloadFaces, project: Path, tmp_path: Path
) -> None:
    with ZipFile(tmp_path / "flowers.zip", "w") as archive:
        archive.writestr("flowers/1.jpg", "a flower")
    server.plan.content = (tmp_path / "flowers.zip").read_bytes()
    assert "contains no list_attr_celeba.csv" in get_error(faces, project)
    assert partial_size(project) == 0
