"""The explorer's answers: the same pixels as the interface, and one line for each error."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection
from typing import Any

import numpy as np
import pytest
from explorer_process import JSON, Explorer, run_explorer
from numpy.typing import NDArray
from PIL import Image

from latent import Model
from latent.api.sheets import encode_gif
from latent.evaluate_edits.vectors import orthogonal_vectors
from latent.explorer.geometry import find_plane
from latent.explorer.guard import HEADERS
from latent.explorer.upload import MAX_UPLOAD
from latent.latent_space import arithmetic

FACES = "/api/models/vae_faces"
OWN = "http://127.0.0.1"


def encode_file(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def photo() -> Image.Image:
    pixels = np.random.default_rng(3).integers(0, 256, (5, 8, 3), np.uint8)
    return Image.fromarray(pixels).resize((320, 200))


def to_images(content: bytes, model: Model) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8).reshape(-1, *model.image_shape)


def from_text(text: str, model: Model) -> NDArray[np.uint8]:
    return to_images(base64.b64decode(text), model)[0]


@pytest.fixture(autouse=True)
def server_goes_on(explorer: Explorer) -> Iterator[None]:
    """After each test, whatever it sent, the server answers."""
    yield
    assert explorer.get("/api/models").status == 200


def test_the_page_and_its_files_are_protected(explorer: Explorer) -> None:
    for path in ("/", "/static/main.js", "/static/style.css", "/api/models", "/api/none"):
        headers = explorer.get(path).headers
        assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
        assert "access-control-allow-origin" not in headers


def test_a_foreign_host_is_rejected(explorer: Explorer) -> None:
    for host in ("example.org", f"example.org:{explorer.port}", "127.0.0.1", "127.0.0.1:1", ""):
        answer = explorer.get("/api/models", {"Host": host})
        assert (answer.status, answer.error[:6]) == (403, "Host: "), host
    assert explorer.get("/api/models", {"Host": f"localhost:{explorer.port}"}).status == 200


def test_a_foreign_origin_is_rejected(explorer: Explorer) -> None:
    for origin in ("http://example.org", "null", f"https://127.0.0.1:{explorer.port}", OWN):
        for path in ("/", "/api/models"):
            answer = explorer.get(path, {"Origin": origin})
            assert (answer.status, answer.error[:8]) == (403, "Origin: "), origin
    assert explorer.get("/api/models", {"Origin": explorer.url}).status == 200


def test_requests_of_other_pages_are_rejected_but_links_are_not(explorer: Explorer) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    other_port = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"}
    for path, headers in (("/", image), (f"{FACES}/test/1", link), ("/", other_port)):
        assert explorer.get(path, headers).error.startswith("Sec-Fetch-Site: ")
    assert explorer.get("/", link).status == 200


def test_points_of_several_models_are_decoded_in_one_request(
    explorer: Explorer, faces: Model, garments: Model
) -> None:
    z = {"vae_fashion": [[0.5, -1.0]], "vae_faces": faces.sample(3, seed=1).tolist()}
    parts = [{"model": name, "z": points} for name, points in z.items()]
    answer = explorer.post("/api/decode", {"parts": parts})
    expected = [garments.decode(z["vae_fashion"], True), faces.decode(z["vae_faces"], True)]
    assert answer.content == b"".join(images.tobytes() for images in expected)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        ([[0.0, 0.0, 0.0]], "z: 3 dimensions; vae_fashion has 2"),
        ([[0.0, 0.0], [0.0]], "z: 1 dimensions; vae_fashion has 2"),
        ([[1e300, 0.0]], "z: must be finite numbers of type float32"),
        ([[]], "parts.0.z.0: List should have at least 1 item after validation, not 0"),
        ([["x", 0.0]], "parts.0.z.0.0: Input should be a valid number"),
        ([[0.0, 0.0]] * 300, "parts.0.z: List should have at most 256 items"),
        (3, "parts.0.z: Input should be a valid list"),
    ],
)
def test_wrong_points_are_named(explorer: Explorer, z: Any, message: str) -> None:
    answer = explorer.post("/api/decode", {"parts": [{"model": "vae_fashion", "z": z}]})
    assert answer.error.startswith(message)


def test_numbers_that_are_not_finite_are_rejected(explorer: Explorer) -> None:
    body = b'{"parts": [{"model": "vae_fashion", "z": [[NaN, 1]]}]}'
    headers = {"Content-Type": "application/json"}
    assert "finite" in explorer.request("POST", "/api/decode", body, headers).error
    assert "JSON" in explorer.request("POST", "/api/decode", b"{", headers).error


def test_only_models_of_the_project_are_read(explorer: Explorer) -> None:
    for name in ("classifier_faces", "..%2f..%2fetc", "%2Fetc%2Fpasswd", "models:%2Fx", "a%00b"):
        for path in (f"/api/models/{name}", f"/api/models/{name}/plane"):
            assert explorer.get(path).status in (400, 404), path
    assert explorer.get("/static/../app.py").status == 404
    assert explorer.get("/static/%2e%2e/app.py").status == 404
    allowed = "allowed are ae_fashion, vae_fashion, vae_faces"
    assert explorer.get("/api/models/vae_face").error == f"vae_face: no such model; {allowed}"


def test_numbers_in_addresses_are_checked(explorer: Explorer) -> None:
    assert explorer.get(f"{FACES}/test/30").error == "test image 30: must be from 0 to 29"
    for path in ("test/-1", "test/x", "samples/-1", "samples/4294967296", "samples/1.5"):
        assert explorer.get(f"{FACES}/{path}").error


def test_a_test_image_is_encoded_and_decoded(explorer: Explorer, faces: Model) -> None:
    assert faces.dataset is not None
    image = faces.dataset.test.images[4]
    start = explorer.get(f"{FACES}/test/4").json()
    assert start["name"] == "4.png"
    assert np.array_equal(np.array(start["z"], np.float32), faces.encode(image)[0])
    assert np.array_equal(from_text(start["original"], faces), image)
    assert np.array_equal(
        from_text(start["reconstruction"], faces), faces.reconstruct(image, True)[0]
    )
    assert explorer.get("/api/models/vae_fashion/test/2").json()["name"] == "<b>Coat</b>"


def test_a_sample_is_that_of_the_interface(explorer: Explorer, faces: Model) -> None:
    start = explorer.get(f"{FACES}/samples/7").json()
    assert start["original"] is None
    assert np.array_equal(
        from_text(start["reconstruction"], faces), faces.generate(1, seed=7, as_arrays=True)[0]
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_photo_is_prepared_as_the_training_images(
    explorer: Explorer, faces: Model, kind: str
) -> None:
    content = encode_file(photo(), kind)
    start = explorer.post(f"{FACES}/encode", content).json()
    assert np.array_equal(from_text(start["original"], faces), faces.prepare(content)[0])
    assert np.array_equal(np.array(start["z"], np.float32), faces.encode(content)[0])


def test_a_photo_is_not_written_to_disk(project: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = sorted(project.rglob("*"))
    with run_explorer(project, environment={"TMPDIR": str(temporary)}) as explorer:
        assert explorer.post(f"{FACES}/encode", encode_file(photo())).status == 200
        assert "more than 20 MB" in explorer.post(f"{FACES}/encode", bytes(MAX_UPLOAD + 1)).error
        assert list(temporary.rglob("*")) == []
        assert sorted(project.rglob("*")) == before


def test_files_that_are_no_photos_are_named(explorer: Explorer) -> None:
    jpeg = encode_file(photo().resize((640, 640)), "JPEG")
    huge = encode_file(Image.new("1", (20_000, 20_000)))
    for content, message in (
        (b"", "photo: empty file"),
        (b"GIF89a", "photo: not a JPEG, PNG, WebP or BMP image"),
        (b"plain text", "photo: not a JPEG, PNG, WebP or BMP image"),
        (jpeg[: len(jpeg) // 2], "photo: cannot be decoded"),
        (huge, "photo: more than 67,108,864 pixels"),
    ):
        assert explorer.post(f"{FACES}/encode", content).error.startswith(message)


def test_an_upload_over_the_limit_is_rejected(explorer: Explorer) -> None:
    message = "request: more than 20 MB; choose a smaller photo"
    answer = explorer.post(f"{FACES}/encode", bytes(MAX_UPLOAD + 1))
    assert (answer.status, answer.error) == (413, message)
    # Without a length in advance: the limit applies to what arrives.
    chunks = (bytes(1 << 20) for _ in range(MAX_UPLOAD // (1 << 20) + 2))
    answer = explorer.request("POST", f"{FACES}/encode", chunks)
    assert (answer.status, answer.error) == (413, message)
    # JSON takes many times its size in memory.
    chunks = (b"[" * (1 << 20) for _ in range(MAX_UPLOAD // (1 << 20) + 2))
    answer = explorer.request("POST", "/api/decode", chunks, JSON)
    assert (answer.status, answer.error) == (413, message)


def test_a_page_that_is_closed_during_an_upload(project: Path) -> None:
    with run_explorer(project) as explorer:
        with create_connection(("127.0.0.1", explorer.port)) as connection:
            head = f"POST {FACES}/encode HTTP/1.1\r\nHost: 127.0.0.1:{explorer.port}\r\n"
            connection.sendall(f"{head}Content-Length: 1000\r\n\r\nabc".encode())
        assert explorer.get("/api/models").status == 200
        explorer.process.terminate()
        assert explorer.process.communicate()[1] == ""


def test_an_edit_has_the_pixels_of_the_interface(explorer: Explorer, faces: Model) -> None:
    assert faces.dataset is not None
    image, changes = faces.dataset.test.images[4], {"Smiling": 2.5, "a:b": -1.0}
    body = {"z": faces.encode(image)[0].tolist(), "changes": changes}
    answer = explorer.post(f"{FACES}/edit", body)
    assert np.array_equal(to_images(answer.content, faces)[0], faces.edit(image, changes, True))


def test_an_edit_along_orthogonalised_vectors(explorer: Explorer, faces: Model) -> None:
    table = faces.attributes[faces.attributes["attribute"] != "Nobody"].reset_index(drop=True)
    vectors = orthogonal_vectors(np.stack(table["vector"].tolist()))
    z = faces.sample(1, seed=1)[0]
    vector = vectors[list(table["attribute"]).index("Smiling")]
    body = {"z": z.tolist(), "changes": {"Smiling": 3}, "orthogonal": True}
    content = explorer.post(f"{FACES}/edit", body).content
    assert content == faces.decode(arithmetic.edit(z, vector, [3.0]), True).tobytes()
    assert content != explorer.post(f"{FACES}/edit", {**body, "orthogonal": False}).content


def test_wrong_edits_are_named(explorer: Explorer) -> None:
    z = [0.0] * 6
    for changes, message in (
        ({"Smilling": 1}, "Smilling: not an attribute of the model; did you mean Smiling?"),
        ({"Nobody": 1}, "Nobody: has no attribute vector, because no training image has it"),
        ({"Smiling": "much"}, "changes.Smiling: Input should be a valid number"),
        ({"\ud800": 1}, "?: not an attribute of the model"),  # half of a character
    ):
        for orthogonal in (False, True):
            body = {"z": z, "changes": changes, "orthogonal": orthogonal}
            assert explorer.post(f"{FACES}/edit", body).error.startswith(message)
    assert "2 dimensions" in explorer.post(f"{FACES}/edit", {"z": [1, 2], "changes": {}}).error


def test_a_morph_has_the_pixels_of_the_interface(explorer: Explorer, faces: Model) -> None:
    assert faces.dataset is not None
    first, last = faces.dataset.test.images[:2]
    expected = faces.morph(first, last, steps=7, as_arrays=True)
    a, b = faces.encode([first, last]).tolist()
    body = {"a": a, "b": b, "steps": 7}
    assert np.array_equal(to_images(explorer.post(f"{FACES}/morph", body).content, faces), expected)
    assert explorer.post(f"{FACES}/morph.gif", body).content == encode_gif(expected)
    assert explorer.post(f"{FACES}/morph", {**body, "steps": 1}).error.startswith("steps: ")
    assert explorer.post(f"{FACES}/morph", {**body, "b": [1.0]}).error.startswith("z: 1 dim")


def test_the_nearest_test_images(explorer: Explorer, faces: Model) -> None:
    z = faces.embeddings("test")[5]
    found = explorer.post(f"{FACES}/nearest", {"z": z.tolist(), "count": 4}).json()
    assert found[0]["name"] == "5.png"
    distances = np.sort(np.linalg.norm(faces.embeddings("test") - z, axis=1))[:4]
    assert np.allclose([image["distance"] for image in found], distances)
    far = explorer.post(f"{FACES}/nearest", {"z": [1e38] * len(z)}).json()
    assert np.isfinite([image["distance"] for image in far]).all()


def test_the_plane_of_a_two_dimensional_latent_space(explorer: Explorer, garments: Model) -> None:
    plane = explorer.get("/api/models/vae_fashion/plane").json()
    assert np.allclose(plane["points"], garments.embeddings("test"), atol=1e-4)
    assert (plane["origin"], plane["basis"], plane["note"]) == ([0, 0], [[1, 0], [0, 1]], "")
    assert plane["classes"] == ["Trouser", "Bag & more", "<b>Coat</b>"]
    assert plane["labels"][:4] == [0, 1, 2, 0]


def test_more_dimensions_are_shown_by_principal_components(
    explorer: Explorer, faces: Model
) -> None:
    plane = explorer.get(f"{FACES}/plane").json()
    basis, points = np.array(plane["basis"]), np.array(plane["points"])
    assert np.allclose(basis @ basis.T, np.eye(2))
    embeddings = faces.embeddings("test").astype(float)
    centred = embeddings - embeddings.mean(axis=0)
    largest = np.linalg.svd(centred, compute_uv=False)[:2]
    assert np.allclose(np.linalg.norm(points, axis=0), largest, rtol=1e-3)
    assert np.allclose(points, (embeddings - plane["origin"]) @ basis.T, atol=1e-3)
    assert "6 dimensions" in plane["note"]
    assert (plane["labels"], plane["classes"]) == ([], [])


def test_the_plane_of_a_single_test_image() -> None:
    plane = find_plane(np.ones((1, 4), np.float32))
    assert np.allclose(plane.basis @ plane.basis.T, np.eye(2))
    assert (plane.points.tolist(), plane.rows.tolist()) == ([[0, 0]], [0])


def test_a_description_says_what_the_page_needs(explorer: Explorer) -> None:
    model = explorer.get(FACES).json()
    assert (model["source"], model["is_sample"]) == ("synthetic sample data", True)
    assert (model["train_images"], model["test_images"], model["notes"]) == (60, 30, [])
    aucs = [attribute["auc"] for attribute in model["attributes"]]
    assert aucs[:-1] == sorted(aucs[:-1], reverse=True)
    last = model["attributes"][-1]
    assert (last["name"], last["auc"], last["has_vector"]) == ("Nobody", None, False)
    kls = [dimension["kl"] for dimension in model["dimensions"]]
    assert len(kls) == 6
    assert kls == sorted(kls, reverse=True)
    autoencoder = explorer.get("/api/models/ae_fashion").json()
    stds = [dimension["std"] for dimension in autoencoder["dimensions"]]
    assert (stds, autoencoder["dimensions"][0]["kl"]) == (sorted(stds, reverse=True), None)


def test_the_rest_of_an_incomplete_project_works(incomplete: Explorer) -> None:
    problems = {model["name"]: model["problem"] for model in incomplete.get("/api/models").json()}
    assert problems.pop("ae_fashion").startswith("ae_fashion: the model is not trained yet")
    assert problems == {"vae_fashion": None, "vae_faces": None}
    assert "not trained yet" in incomplete.get("/api/models/ae_fashion").error
    garments = incomplete.get("/api/models/vae_fashion").json()
    assert garments["notes"][0].startswith("data/processed/fashion: missing, or not the data")
    assert (garments["test_images"], garments["has_embeddings"]) == (0, False)
    assert incomplete.get("/api/models/vae_fashion/samples/1").status == 200
    for path in ("plane", "test/0"):
        assert "data/processed/fashion" in incomplete.get(f"/api/models/vae_fashion/{path}").error
    assert incomplete.get(FACES).json()["attributes"] == []
    assert incomplete.get(f"{FACES}/test/0").status == 200
