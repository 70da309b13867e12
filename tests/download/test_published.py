"""Downloading the published Fashion-MNIST: from a folder or a URL, verified by checksum."""

import gzip
import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.util import Retry

from latent.download.fashion import published
from latent.download.fashion.download import download_fashion
from latent.download.fashion.published import fetch_fashion_mnist
from latent.errors import InputError
from latent.params import DownloadFashion, FashionSample
from latent.raw.classes import FASHION_MNIST, Classes, read_classes
from latent.raw.idx import read_idx

NAMES = tuple(published.CONTENT_SHA256)
FIRST, LAST = NAMES[0], NAMES[-1]
SAMPLE = FashionSample(train_images=20, test_images=10, seed=1)


class MirrorHandler(BaseHTTPRequestHandler):
    """Request handler for the files of a `Mirror`, which can fail like a real server."""

    server: "Mirror"

    def do_GET(self) -> None:
        mirror, name = self.server, self.path.rpartition("/")[2]
        mirror.requests.append(self.path)
        failures = mirror.failures.get(name, [])
        status = failures.pop(0) if failures else 200 if name in mirror.files else 404
        content = mirror.files[name] if status == 200 else b"error message"
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + mirror.undelivered))
        for header, value in mirror.headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class Mirror(ThreadingHTTPServer):
    """An HTTPS server of files on a free port of localhost."""

    def __init__(self, certificate: Path, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), MirrorHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The thread of the request handler does the handshake.
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.files = files
        self.failures: dict[str, list[int]] = {}
        self.headers: dict[str, str] = {}
        self.undelivered = 0  # bytes that are declared but not sent
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_port}/data/fashion"

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close the connection."""


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Four small files instead of the published ones, with their checksums."""
    contents = {name: f"content of {name}".encode() * 1000 for name in NAMES}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(published, "CONTENT_SHA256", digests)
    return {name: gzip.compress(content) for name, content in contents.items()}


@pytest.fixture
def source(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """A folder with the small files, whose path must be quoted in a URL."""
    folder = tmp_path / "my data" / "50 % fashion"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test mirror")])
    now = datetime.now(UTC)
    own_address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(own_address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "mirror.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def mirror(
    certificate: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mirror]:
    """A running mirror of the small files, whose certificate this process trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Mirror(certificate, dict(files)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the waiting time between retries."""
    monkeypatch.setattr(Retry, "sleep", lambda self, response=None: None)


def download(location: str, tmp_path: Path) -> Path:
    """Download from `location`, which may be relative to `tmp_path`."""
    params = DownloadFashion.model_construct(source="fashion_mnist", location=location)
    download_fashion(params, tmp_path, tmp_path / "raw" / "fashion")
    return tmp_path / "raw" / "fashion"


def get_error(location: str, tmp_path: Path) -> str:
    """Return the error of a download from `location`, and check that no files are left."""
    with pytest.raises(InputError) as caught:
        download(location, tmp_path)
    assert list((tmp_path / "raw").glob("*")) == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.gz")}


def test_folder(source: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    assert contents(download(str(source), tmp_path)) == files
    assert contents(source) == files


@pytest.mark.parametrize("end", ["", "/"])
def test_relative_folder_is_relative_to_root(
    source: Path, files: dict[str, bytes], tmp_path: Path, end: str
) -> None:
    location = str(source.relative_to(tmp_path)) + end
    assert contents(download(location, tmp_path)) == files


def test_folder_in_home_folder(
    source: Path, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(source.parent))
    assert contents(download(f"~/{source.name}", tmp_path)) == files


@pytest.mark.parametrize("host", ["", "localhost"])
def test_file_url(source: Path, files: dict[str, bytes], tmp_path: Path, host: str) -> None:
    location = source.as_uri().replace("file://", f"file://{host}")
    assert "my%20data/50%20%25%20fashion" in location
    assert contents(download(location, tmp_path)) == files


@pytest.mark.parametrize("end", ["", "/"])
def test_https(mirror: Mirror, files: dict[str, bytes], tmp_path: Path, end: str) -> None:
    assert contents(download(mirror.url + end, tmp_path)) == files
    assert mirror.requests == [f"/data/fashion/{name}" for name in NAMES]


def test_https_with_gzip_as_content_encoding(
    mirror: Mirror, files: dict[str, bytes], tmp_path: Path
) -> None:
    mirror.headers["Content-Encoding"] = "gzip"
    assert contents(download(mirror.url, tmp_path)) == files


def test_https_retries_after_server_error(
    mirror: Mirror, files: dict[str, bytes], tmp_path: Path
) -> None:
    mirror.failures = {FIRST: [500], LAST: [503]}
    assert contents(download(mirror.url, tmp_path)) == files
    assert len(mirror.requests) == len(NAMES) + 2


@pytest.mark.usefixtures("no_waiting")
def test_https_fails_after_repeated_server_errors(mirror: Mirror, tmp_path: Path) -> None:
    mirror.failures = {LAST: [500] * 10}
    message = get_error(mirror.url, tmp_path)
    assert message.startswith(f"{mirror.url}/{LAST}: cannot be downloaded: ")
    assert "500" in message
    assert len(mirror.requests) == len(NAMES) + 3


def test_https_with_missing_file(mirror: Mirror, tmp_path: Path) -> None:
    del mirror.files[LAST]
    message = get_error(mirror.url, tmp_path)
    assert message.startswith(f"{mirror.url}/{LAST}: cannot be downloaded: 404")
    assert len(mirror.requests) == len(NAMES)


def test_https_with_interrupted_connection(mirror: Mirror, tmp_path: Path) -> None:
    mirror.undelivered = 100
    message = get_error(mirror.url, tmp_path)
    assert message.startswith(f"{mirror.url}/{FIRST}: cannot be downloaded: ")


def test_https_with_other_content(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files[LAST] = mirror.files[FIRST]
    message = get_error(mirror.url, tmp_path)
    assert message.startswith(f"{mirror.url}/{LAST}: the uncompressed content has SHA-256 ")


@pytest.mark.usefixtures("no_waiting")
def test_https_with_untrusted_certificate(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    message = get_error(mirror.url, tmp_path)
    assert "certificate verify failed" in message
    assert mirror.requests == []


@pytest.mark.usefixtures("no_waiting", "files")
def test_https_without_server(tmp_path: Path, certificate: Path) -> None:
    with Mirror(certificate, {}) as server:
        url = server.url  # the port is closed after this block
    assert get_error(url, tmp_path).startswith(f"{url}/{FIRST}: cannot be downloaded: ")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/fashion",
        "ftp://127.0.0.1/fashion",
        "s3://bucket/fashion",
        "file://data/fashion",
        "https://[fashion",
    ],
)
def test_other_urls_are_rejected(tmp_path: Path, location: str) -> None:
    message = get_error(location, tmp_path)
    assert message.startswith(f"download.fashion.location is {location!r}: ")
    if "[" not in location:
        assert message.endswith("allowed are https:// and file:/// URLs and folders")


@pytest.mark.usefixtures("no_waiting", "files")
@pytest.mark.parametrize("scheme", ["https", "ftp"])
def test_errors_show_no_password(tmp_path: Path, scheme: str) -> None:
    message = get_error(f"{scheme}://me:secret@localhost:1/fashion", tmp_path)
    assert f"{scheme}://localhost:1/fashion" in message
    assert "secret" not in message


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "location", ["https://", "https://host:port/fashion", f"https://{'long' * 16}.example"]
)
def test_url_without_valid_host_is_rejected(tmp_path: Path, location: str) -> None:
    assert f"{FIRST}: cannot be downloaded: " in get_error(location, tmp_path)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("location", ["missing", "~unknown-user/fashion", "file:///missing"])
def test_missing_folder_is_rejected(tmp_path: Path, location: str) -> None:
    message = get_error(location, tmp_path)
    assert message.endswith(f"{FIRST}: cannot be copied: No such file or directory")


@pytest.mark.parametrize("name", [FIRST, LAST])
def test_missing_file_is_rejected(source: Path, tmp_path: Path, name: str) -> None:
    (source / name).unlink()
    message = get_error(str(source), tmp_path)
    assert message == f"{source / name}: cannot be copied: No such file or directory"


def test_folder_instead_of_file_is_rejected(source: Path, tmp_path: Path) -> None:
    (source / LAST).unlink()
    (source / LAST).mkdir()
    assert get_error(str(source), tmp_path).startswith(f"{source / LAST}: cannot be copied: ")


def test_other_content_is_rejected(source: Path, tmp_path: Path) -> None:
    (source / LAST).write_bytes(gzip.compress(b"other"))
    message = get_error(str(source), tmp_path)
    assert message.startswith(f"{source / LAST}: the uncompressed content has SHA-256 ")
    assert hashlib.sha256(b"other").hexdigest() in message
    assert published.CONTENT_SHA256[LAST] in message


@pytest.mark.parametrize(
    ("keep", "problem"),
    [(-9, "not a valid gzip file"), (0, "the uncompressed content has SHA-256")],
)
def test_truncated_file_is_rejected(source: Path, tmp_path: Path, keep: int, problem: str) -> None:
    shortened = (source / LAST).read_bytes()[:keep]
    (source / LAST).write_bytes(shortened)
    assert get_error(str(source), tmp_path).startswith(f"{source / LAST}: {problem}")


def test_same_content_with_other_compression_is_accepted(source: Path, tmp_path: Path) -> None:
    content = gzip.decompress((source / FIRST).read_bytes())
    (source / FIRST).write_bytes(gzip.compress(content, compresslevel=1, mtime=12345))
    folder = download(str(source), tmp_path)
    assert (folder / FIRST).read_bytes() == (source / FIRST).read_bytes()


def test_files_of_earlier_download_are_removed(
    source: Path, files: dict[str, bytes], tmp_path: Path
) -> None:
    previous = tmp_path / "raw" / "fashion"
    previous.mkdir(parents=True)
    (previous / "old.gz").write_bytes(b"old")
    assert contents(download(str(source), tmp_path)) == files


def test_the_real_files(tmp_path: Path) -> None:
    nearby = Path(__file__).parents[2] / "../shared/data/fashion-mnist"
    location = os.environ.get("LATENT_FASHION_MNIST") or str(nearby)
    if location == str(nearby) and not nearby.exists():
        pytest.skip("Fashion-MNIST is not available")
    fetch_fashion_mnist(location, tmp_path, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)
    assert read_idx(tmp_path / "train-images-idx3-ubyte.gz", 3).shape == (60_000, 28, 28)
    # The test set has 1,000 images of each class.
    labels = read_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", 1)
    assert sorted(labels.tolist()) == sorted(list(range(10)) * 1000)


def test_sample_has_published_names_and_is_reproducible(tmp_path: Path) -> None:
    params = DownloadFashion.model_construct(source="sample", sample=SAMPLE)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        download_fashion(params, tmp_path, folder)
    assert contents(first) == contents(second)
    assert sorted(contents(first)) == sorted(NAMES)
    train = read_idx(first / "train-images-idx3-ubyte.gz", 3)
    test = read_idx(first / "t10k-images-idx3-ubyte.gz", 3)
    assert (train.shape, test.shape) == ((20, 28, 28), (10, 28, 28))
    assert read_idx(first / "train-labels-idx1-ubyte.gz", 1).shape == (20,)
    assert read_idx(first / "t10k-labels-idx1-ubyte.gz", 1).shape == (10,)
    assert not (train[:10] == test).all()
    assert sorted(path.name for path in first.iterdir()) == ["classes.json", *sorted(NAMES)]
    assert read_classes(first) == Classes(classes=list(FASHION_MNIST))
    shutil.rmtree(second)
    other = params.model_copy(update={"sample": SAMPLE.model_copy(update={"seed": 2})})
    download_fashion(other, tmp_path, second)
    assert contents(first)["train-images-idx3-ubyte.gz"] != contents(second)[FIRST]
