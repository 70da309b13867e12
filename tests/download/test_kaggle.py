"""Kaggle's own client, as it is, against a server of the tests: what arrives, what goes wrong."""

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
KEY = "a-key-that-nobody-may-see"
COUNT = 320  # faces, of more than 3 MB together: the client writes by the megabyte
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive that is large enough to break off in."""
    path = tmp_path_factory.mktemp("kaggle") / "archive.zip"
    write_sample(path, COUNT, seed=0)
    assert path.stat().st_size > 3 << 20
    return path.read_bytes()


@pytest.fixture
def server(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that the client talks to, without a key, and in a home of its own."""
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
    """The folder that faces are downloaded in."""
    return tmp_path / "project"


@pytest.fixture
def faces(params: Params) -> DownloadFaces:
    return params.download.faces.model_copy(update={"source": "kaggle"})


def download(faces: DownloadFaces, project: Path) -> bytes:
    """Return what was fetched; nothing else may be left."""
    folder = project / "data/raw/faces"
    download_faces(faces, project, folder)
    assert [path.name for path in folder.iterdir()] == ["celeba.zip"]
    assert list((project / ".cache/download").iterdir()) == []
    return (folder / "celeba.zip").read_bytes()


def refuse(faces: DownloadFaces, project: Path) -> str:
    """Return why nothing was fetched."""
    with pytest.raises(InputError) as caught:
        download(faces, project)
    message = str(caught.value)
    assert message.isprintable()
    assert list((project / "data/raw").glob("*")) == []
    return message


def folder_of(project: Path) -> Path:
    return project / ".cache/download" / DATASET.replace("/", "@")


def kept(project: Path) -> int:
    """Return how many bytes of the archive are there for the next run."""
    path = folder_of(project) / "archive.zip"
    return path.stat().st_size if path.exists() else 0


# What goes well


def test_a_public_data_set_needs_no_key(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    assert download(faces, project) == content
    (question,) = [asked for asked in server.asked if asked.path == DOWNLOAD]
    assert question.body == {"ownerSlug": "jessicali9530", "datasetSlug": "celeba-dataset"}
    assert {asked.key for asked in server.asked} == {""}
    with open_archive(project / "data/raw/faces/celeba.zip") as archive:
        assert len(read_layout(archive)) == COUNT


def test_a_version_is_asked_for(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    chosen = faces.model_copy(update={"dataset": f"{DATASET}/2"})
    assert download(chosen, project) == content
    (question,) = [asked for asked in server.asked if asked.path == DOWNLOAD]
    assert question.body["datasetVersionNumber"] == 2


@pytest.mark.parametrize("kind", ["token", "token file", "kaggle.json"])
def test_keys_are_found_by_the_clients_own_rules(
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
        (folder / "kaggle.json").write_text(json.dumps({"username": "somebody", "key": KEY}))
        expected = f"Basic {base64.b64encode(f'somebody:{KEY}'.encode()).decode()}"
    assert download(faces, project) == content
    assert {asked.key for asked in server.asked if asked.path == DOWNLOAD} == {expected}


def test_a_slow_server_is_waited_for(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.pause = 0.02
    assert download(faces, project) == content


# What is taken up again


def test_a_connection_that_breaks_off_is_taken_up_where_it_was(
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


def test_the_next_run_goes_on_from_there(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.cuts = [5 << 19]
    message = refuse(faces, project)
    assert "the connection failed, or broke off; what has arrived is kept" in message
    assert kept(project) == 2 << 20
    assert download(faces, project) == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    server.plan.content = content[::-1]
    server.plan.cuts = [5 << 19]
    refuse(faces, project)
    server.plan.content, server.plan.etag = content, '"two"'
    assert download(faces, project) == content
    assert server.ranges == ["", ""]


def test_a_server_that_falls_silent_is_given_up_and_the_next_run_goes_on(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.plan.stalls = [5 << 19]
    with monkeypatch.context() as patched:
        patched.setattr(kaggle, "PATIENCE", 8)
        assert "nothing arrived for 8 seconds; what has arrived is kept" in refuse(faces, project)
    assert kept(project) == 2 << 20
    assert download(faces, project) == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_a_killed_run_leaves_no_client_behind_and_the_next_one_goes_on(
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
    while kept(project) < 2 << 20:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # Its client ends with it, and holds the lock until then.
    for _ in range(100):
        message = attempt(faces, project)
        if "another process is fetching" not in message:
            break
        time.sleep(0.1)
    assert message == ""
    assert (project / "data/raw/faces/celeba.zip").read_bytes() == content
    assert server.ranges[-1] == "bytes=2097152-"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stage_that_is_stopped_leaves_no_client_behind(
    server: Server, faces: DownloadFaces, project: Path, content: bytes, stop: signal.Signals
) -> None:
    server.plan.stalls = [5 << 19]
    process = start_stage(project)
    while kept(project) < 2 << 20:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, stop)
    process.communicate()
    assert process.returncode != 0
    assert list((project / "data/raw").glob("faces")) == []
    with FileLock(folder_of(project) / "lock", timeout=30):
        pass  # nobody else holds it
    process = start_stage(project)
    assert process.communicate() == ("", None)
    assert process.returncode == 0
    assert (project / "data/raw/faces/celeba.zip").read_bytes() == content
    assert server.ranges[-1] == "bytes=2097152-"


def test_a_stage_that_fails_says_so_in_one_line(
    server: Server, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    server.plan.status, server.plan.message = 403, f"Not for {KEY}"
    process = start_stage(project)
    shown, _ = process.communicate()
    assert process.returncode == 1
    (line,) = shown.splitlines()
    assert line.startswith(f"ERROR: {DATASET}: Kaggle answered 403 (Not for …) to your key; ")


def start_stage(project: Path) -> "subprocess.Popen[str]":
    """Start the stage in a folder of its own, as the head of a group of processes."""
    project.mkdir(exist_ok=True)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    section = text.index("\n  faces:\n")
    changed = text[section:].replace("source: sample", "source: kaggle", 1)
    (project / "params.yaml").write_text(text[:section] + changed, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "DVC_ROOT"}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.download_faces"],
        cwd=project,
        env={**environment, "PYTHONPATH": str(ROOT)},
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


# What goes wrong, with a key that must not be seen

REFUSED = f"that key, {KEY}, will not do"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"status": 401, "message": REFUSED},
            [f"{DATASET}: Kaggle answered 401 (that key, …, will not do) to your key; check"],
        ),
        ({"status": 403, "message": REFUSED}, ["answered 403", "3. make a token under Settings"]),
        (
            {"status": 404, "message": f"Not found {KEY}"},
            [
                f"download.faces.dataset is '{DATASET}': Kaggle answered 404 (Not found …)",
                f"is https://www.kaggle.com/datasets/{DATASET} what you mean?",
            ],
        ),
        ({"status": 429, "message": "Quota\nexceeded"}, ["429 (Quota exceeded): too many"]),
        ({"status": 500, "message": REFUSED}, ["Kaggle answered 500", "try again later"]),
        ({"announced": 10**15}, ["takes 2000000.00 GB, and the disk of ", " GB free"]),
        ({"content": b""}, ["what arrived is no zip file; it is empty"]),
        (
            {"content": f"<html><title>Sign in, {KEY}</title></html>".encode()},
            ["what arrived is no zip file; it is a web page that says “Sign in, …”"],
        ),
        (
            {"content": b"Download quota exceeded.\nTry again in 24 hours.", "kind": "text/plain"},
            ["it is a text that says “Download quota exceeded. Try again in 24 hours.”"],
        ),
        ({"announced": 3 << 20}, ["what arrived is no zip file"]),
        ({"announced": 99 << 20}, ["the connection failed, or broke off"]),
    ],
    ids=["401", "403", "404", "429", "500", "disk", "empty", "page", "quota", "short", "long"],
)
@pytest.mark.parametrize("verbose", [False, True], ids=["", "verbose"])
def test_a_fault_is_one_line_and_shows_no_key(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, object],
    said: list[str],
    verbose: bool,
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    if verbose:
        # Makes the client print requests, with the keys in them.
        monkeypatch.setenv("VERBOSE", "true")
    for name, value in changes.items():
        setattr(server.plan, name, value)
    message = refuse(faces, project)
    for words in said:
        assert words in message
    shown = capfd.readouterr()
    seen = message + shown.out + shown.err
    seen += "".join(
        str(path) + path.read_bytes().decode("latin-1")
        for path in project.rglob("*")
        if path.is_file()
    )
    assert KEY not in seen
    assert SIGNATURE not in seen
    assert f"Bearer {KEY}" in {asked.key for asked in server.asked}


@pytest.mark.parametrize("status", [401, 403])
def test_who_needs_a_key_is_told_how_to_get_one(
    server: Server, faces: DownloadFaces, project: Path, status: int
) -> None:
    server.plan.status, server.plan.message = status, "Unauthenticated"
    message = refuse(faces, project)
    assert message == (
        f"{DATASET}: Kaggle answered {status} (Unauthenticated), and found no key of yours: "
        "1. sign in at https://www.kaggle.com, 2. see at "
        f"https://www.kaggle.com/datasets/{DATASET} whether there are terms to accept, "
        "3. make a token under Settings, API, 4. save it as ~/.kaggle/access_token or set "
        "KAGGLE_API_TOKEN to it, 5. run this again"
    )


def test_a_server_out_of_reach_is_one_line(
    server: Server, faces: DownloadFaces, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert "cannot be fetched from Kaggle: the connection failed" in refuse(faces, project)


def test_a_key_that_kaggle_cannot_check_is_used_all_the_same(
    server: Server,
    faces: DownloadFaces,
    project: Path,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", KEY)
    server.plan.checks = 500
    assert download(faces, project) == content
    assert [asked.path for asked in server.asked[:2]] == [INTROSPECT, DOWNLOAD]
    assert server.asked[1].key == f"Bearer {KEY}"


# What arrives and is not what it should be


def test_a_damaged_archive_of_the_right_size_is_removed_and_fetched_anew(
    server: Server, faces: DownloadFaces, project: Path, content: bytes
) -> None:
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    server.plan.content = bytes(damaged)
    message = refuse(faces, project)
    assert f"what Kaggle sent for {DATASET} was removed again: " in message
    assert message.endswith(": is damaged: Bad CRC-32 for file " + message.rpartition("file ")[2])
    assert kept(project) == 0
    server.plan.content = content
    assert download(faces, project) == content


def test_another_data_set_is_refused(
    server: Server, faces: DownloadFaces, project: Path, tmp_path: Path
) -> None:
    with ZipFile(tmp_path / "flowers.zip", "w") as archive:
        archive.writestr("flowers/1.jpg", "a flower")
    server.plan.content = (tmp_path / "flowers.zip").read_bytes()
    assert "holds no list_attr_celeba.csv" in refuse(faces, project)
    assert kept(project) == 0
