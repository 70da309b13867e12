"""The explorer's page in a real browser."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from explorer_process import Explorer
from numpy.typing import NDArray
from PIL import Image

from latent import Model

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is missing")
Browser, Page, Route, expect = (
    playwright.Browser,
    playwright.Page,
    playwright.Route,
    playwright.expect,
)

CHROMIUM = [Path("/usr/bin") / name for name in ("chromium", "chromium-browser", "google-chrome")]
STYLE = Path(__file__).parents[2] / "src/latent/explorer/static/style.css"
TABS = ("space", "faces", "morph", "dimensions")
READ_CANVAS = """canvas => {
  const context = canvas.getContext("2d");
  return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
}"""

Open = Callable[..., Any]
expect.set_options(timeout=20_000)  # on a busy machine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((path for path in CHROMIUM if path.exists()), None)
    if path is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, explorer: Explorer) -> Iterator[Open]:
    """A function that opens the page. At the end, nothing went to another host, nor failed."""
    contexts, problems = [], []
    allowed: set[str] = set()

    def open_at(address: str = "", site: Explorer = explorer, **options: Any) -> Page:
        allowed.add(f"127.0.0.1:{site.port}")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda request: hosts.add(urlsplit(request.url)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{site.url}/{address}")
        return page

    hosts: set[Any] = set()
    yield open_at
    for context in contexts:
        context.close()
    assert {url.netloc for url in hosts if url.scheme not in ("blob", "data")} <= allowed
    assert problems == []


def read(page: Page, selector: str) -> NDArray[np.uint8]:
    """Return the pixels of a canvas, (H, W, 3)."""
    canvas = page.locator(selector).first
    data = np.array(canvas.evaluate(READ_CANVAS), np.uint8)
    height = canvas.evaluate("canvas => canvas.height")
    return data.reshape(height, -1, 4)[..., :3]


def wait_for_change(page: Page, selector: str, before: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Wait until a canvas shows something else, and return it."""
    page.wait_for_function(
        f"""([selector, before]) => {{
          const pixels = ({READ_CANVAS})(document.querySelector(selector));
          const colours = pixels.filter((_, i) => i % 4 < 3);
          return colours.length === before.length && colours.some((v, i) => v !== before[i]);
        }}""",
        arg=[selector, before.ravel().tolist()],
    )
    return read(page, selector)


def wait_for_image(page: Page, selector: str, expected: NDArray[np.uint8]) -> None:
    """Wait until a canvas shows an image, (H, W, C)."""
    pixels = np.broadcast_to(expected, (*expected.shape[:2], 3))
    page.wait_for_function(
        f"""([selector, expected]) => {{
          const pixels = ({READ_CANVAS})(document.querySelector(selector));
          const colours = pixels.filter((_, i) => i % 4 < 3);
          return colours.length === expected.length && colours.every((v, i) => v === expected[i]);
        }}""",
        arg=[selector, pixels.ravel().tolist()],
    )


def photo(width: int = 300, height: int = 200) -> bytes:
    blocks = np.random.default_rng(5).integers(0, 256, (4, 6, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(blocks).resize((width, height), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def as_file(content: bytes, name: str = "photo.png") -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def open_space(open_page: Open, **options: Any) -> Page:
    page = open_page("#tab=space&dataset=fashion", **options)
    expect(page.locator(".neighbours li")).to_have_count(12)
    return page


def move(page: Page, u: float, v: float, view: int = 0) -> None:
    """Move the pointer to a place of a view, relative to its size."""
    canvas = page.locator(".scatter").nth(view)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])


def picture(page: Page, view: int) -> str:
    """Return what a view shows, as a text."""
    return str(page.locator(".scatter").nth(view).evaluate("canvas => canvas.toDataURL()"))


def wait_for_other_picture(page: Page, view: int, before: str) -> None:
    page.wait_for_function(
        """([view, before]) =>
          document.querySelectorAll(".scatter")[view].toDataURL() !== before""",
        arg=[view, before],
    )


def test_the_image_at_the_pointer_follows_it(open_page: Open, garments: Model) -> None:
    page = open_space(open_page)
    bodies: list[Any] = []
    page.on(
        "request",
        lambda request: (
            bodies.append(json.loads(request.post_data))
            if request.url.endswith("/api/decode")
            else None
        ),
    )
    where = page.locator(".where").nth(1)
    before, drawn = where.text_content(), picture(page, 1)
    move(page, 0.25, 0.75)
    expect(where).not_to_have_text(before)
    wait_for_other_picture(page, 1, drawn)
    # Both models are decoded in one request, each at its own point.
    parts = {part["model"]: part["z"] for part in bodies[-1]["parts"]}
    assert set(parts) == {"ae_fashion", "vae_fashion"}
    z = parts["vae_fashion"][0]
    text = where.text_content().replace("−", "-")
    shown = [float(number) for number in re.findall(r"= (-?[\d.]+)", text)]
    assert np.allclose(z, shown, atol=0.006)
    points = garments.embeddings("test")
    low, high = points.min(axis=0), points.max(axis=0)
    half = 1.08 * (high - low).max() / 2
    expected = (low + high) / 2 + half * np.array([-0.5, -0.5])
    assert np.allclose(z, expected, atol=0.02 * half)
    # The nearest test images are those of the interface.
    assert garments.dataset is not None
    nearest = np.linalg.norm(points - np.array(z), axis=1).argmin()
    wait_for_image(
        page, ".view:nth-child(2) .neighbours canvas", garments.dataset.test.images[nearest]
    )


def test_a_slow_server_skips_frames(open_page: Open) -> None:
    page = open_space(open_page)
    places, answers = 30, []

    def delay(route: Route) -> None:
        answers.append(json.loads(route.request.post_data))
        page.wait_for_timeout(100)
        route.continue_()

    page.route("**/api/decode", delay)
    for number in range(places):
        move(page, 0.2 + 0.6 * number / places, 0.5)
    move(page, 0.5, 0.9)
    # The view tells the last place. A request for it is the last one, and most places had none.
    where = page.locator(".where").first
    for _ in range(100):
        text = where.text_content().replace("−", "-")
        shown = [float(number) for number in re.findall(r"= (-?[\d.]+)", text)]
        if np.allclose(answers[-1]["parts"][0]["z"][0], shown, atol=0.006):
            break
        page.wait_for_timeout(100)
    assert np.allclose(answers[-1]["parts"][0]["z"][0], shown, atol=0.006)
    assert 1 < len(answers) < places
    page.unroute("**/api/decode")


def test_points_are_pinned_by_click_and_by_keyboard(open_page: Open) -> None:
    page = open_space(open_page)
    pins = page.locator(".pins li")
    move(page, 0.3, 0.4)
    page.mouse.down()
    page.mouse.up()
    expect(pins).to_have_count(1)
    expect(pins.first.locator("canvas")).to_have_count(2)
    canvas = page.locator(".scatter").nth(1)
    canvas.focus()
    before = page.locator(".where").nth(1).text_content()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".where").nth(1)).not_to_have_text(before)
    page.keyboard.press("Enter")
    expect(pins).to_have_count(2)
    page.wait_for_url(lambda url: url.count("pin=") == 2)
    page.reload()
    expect(pins).to_have_count(2)
    page.locator(".scatter").first.focus()
    page.keyboard.press("Delete")
    expect(pins).to_have_count(1)
    page.get_by_role("button", name="Remove pin 1").click()
    expect(pins).to_have_count(0)


def test_the_dataset_is_in_the_address(open_page: Open) -> None:
    page = open_page("#tab=space&pin=0.5:0.5")
    expect(page).to_have_url(re.compile("#tab=space&dataset=fashion&pin=0.500:0.500$"))
    page.locator("#space select").select_option("faces")
    expect(page).to_have_url(re.compile("#tab=space&dataset=faces$"))


def test_a_drag_plays_the_morph(open_page: Open) -> None:
    page = open_space(open_page)
    play = page.locator("#space .play")
    with page.expect_request("**/api/models/vae_fashion/morph"):
        move(page, 0.2, 0.2)
        page.mouse.down()
        move(page, 0.5, 0.5)
        move(page, 0.8, 0.6)
        page.mouse.up()
    expect(play).to_have_text("Stop")
    wait_for_other_picture(page, 0, picture(page, 0))
    page.keyboard.press("ArrowRight")
    expect(play).to_have_text("Play the morph of the last two")


def test_the_legend_hides_classes(open_page: Open) -> None:
    page = open_space(open_page)
    names = page.locator(".legend button").all_text_contents()
    assert names == ["Trouser", "Bag & more", "<b>Coat</b>"]
    for name in names[:2]:
        page.get_by_role("button", name=name).click()
    move(page, 0.6, 0.3)
    # The ring marks only images of classes that are shown; the list shows all.
    expect(page.locator(".legend [aria-pressed=false]")).to_have_count(2)
    before = picture(page, 0)
    page.get_by_role("button", name="<b>Coat</b>").click()
    wait_for_other_picture(page, 0, before)
    # The colours follow a change of the system's colours.
    light = picture(page, 0)
    page.emulate_media(color_scheme="dark")
    wait_for_other_picture(page, 0, light)


def open_faces(open_page: Open, address: str = "", **options: Any) -> Page:
    page = open_page(f"#tab=faces{address}", **options)
    expect(page.locator("#faces .body")).to_be_visible()
    expect(page.locator("#faces .row").first).to_be_visible()
    return page


def set_slider(page: Page, name: str, value: float) -> None:
    page.get_by_label(name, exact=True).fill(str(value))


def test_a_face_is_edited_by_a_slider(open_page: Open, faces: Model) -> None:
    page = open_faces(open_page, "&from=test:4")
    assert faces.dataset is not None
    image = faces.dataset.test.images[4]
    reconstruction = faces.reconstruct(image, as_arrays=True)[0]
    wait_for_image(page, "#faces .original canvas", image)
    wait_for_image(page, "#faces .reconstruction canvas", reconstruction)
    wait_for_image(page, "#faces .edit canvas", reconstruction)
    set_slider(page, "Smiling", 3)
    edited = faces.edit(image, {"Smiling": 3}, as_arrays=True)
    wait_for_image(page, "#faces .edit canvas", edited)
    expect(page.locator(".edits li")).to_have_text(["Smiling +3.0 ×"])
    set_slider(page, "a:b", -2)
    both = faces.edit(image, {"Smiling": 3, "a:b": -2}, as_arrays=True)
    wait_for_image(page, "#faces .edit canvas", both)
    # The address restores the state.
    copy = open_faces(open_page, urlsplit(page.url).fragment.removeprefix("tab=faces"))
    wait_for_image(copy, "#faces .edit canvas", both)
    expect(copy.get_by_label("a:b", exact=True)).to_have_value("-2")
    # Undo, then reset.
    page.locator("#faces .undo").click()
    wait_for_image(page, "#faces .edit canvas", edited)
    page.locator("#faces .reset").click()
    wait_for_image(page, "#faces .edit canvas", reconstruction)
    assert "edit=" not in page.url
    page.keyboard.press("Control+z")
    wait_for_image(page, "#faces .edit canvas", edited)
    with page.expect_download() as download:
        page.locator("#faces .download").click()
    with Image.open(download.value.path()) as saved:
        assert (saved.format, saved.size) == ("PNG", (256, 256))
        assert np.array_equal(np.asarray(saved.convert("RGB"))[::16, ::16], edited)


def test_the_vectors_can_be_orthogonalised(open_page: Open) -> None:
    page = open_faces(open_page, "&from=sample:3&edit=Smiling:4")
    blank = np.zeros((16, 16, 3), np.uint8)
    reconstruction = wait_for_change(page, "#faces .reconstruction canvas", blank)
    plain = wait_for_change(page, "#faces .edit canvas", reconstruction)
    page.get_by_role("radio", name="Orthogonalised").check()
    wait_for_change(page, "#faces .edit canvas", plain)
    assert "vectors=orthogonal" in page.url
    page.locator("#faces .undo").click()
    wait_for_image(page, "#faces .edit canvas", plain)


def test_attributes_are_listed_by_auc_and_searched(open_page: Open, faces: Model) -> None:
    page = open_faces(open_page)
    rows = page.locator("#faces .row:visible")
    assert rows.locator("label").all_text_contents() == list(faces.attributes["attribute"])
    aucs = [f"{auc:.2f}" if np.isfinite(auc) else "–" for auc in faces.attributes["auc"]]
    assert rows.locator(".auc").all_text_contents() == aucs
    expect(page.get_by_label("Nobody")).to_be_disabled()
    page.get_by_role("searchbox").fill("big lips")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox").fill("none of them")
    expect(page.locator(".no-match")).to_be_visible()


def test_a_photo_is_uploaded_and_cropped(open_page: Open, faces: Model) -> None:
    page = open_faces(open_page)
    page.get_by_role("radio", name="Photo").check()
    page.locator("#faces input[type=file]").set_input_files(as_file(photo()))
    dialog = page.locator("#crop")
    expect(dialog).to_be_visible()
    canvas = dialog.locator(".photo-canvas")
    box = canvas.bounding_box()
    # The photo is shown in its size. The square is the largest one in the middle: a drag beside it
    # draws a new one.
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 105, box["y"] + 60, steps=3)
    page.mouse.up()
    wait_for_change(page, "#crop .reconstructed", np.zeros((16, 16, 3), np.uint8))
    # A press of a key moves the square by a twentieth of its side.
    canvas.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Use the square").click()
    with Image.open(io.BytesIO(photo())) as whole:
        square = faces.prepare(whole.crop((65, 5, 165, 105)))[0]
    wait_for_image(page, "#faces .original canvas", square)
    wait_for_image(page, "#faces .edit canvas", faces.reconstruct(square, as_arrays=True)[0])
    assert "from=" not in page.url
    # The whole photo is prepared as the interface prepares it.
    page.get_by_role("button", name="Crop again").click()
    page.get_by_role("button", name="Use the whole photo").click()
    prepared = faces.prepare(photo())[0]
    wait_for_image(page, "#faces .original canvas", prepared)
    wait_for_image(page, "#faces .edit canvas", faces.reconstruct(prepared, as_arrays=True)[0])


def drop(page: Page, file: str, event: str = "drop") -> None:
    """Drop or paste a file, given as JavaScript, somewhere in the page."""
    page.evaluate(
        """([file, event]) => {
          const data = new DataTransfer();
          data.items.add((0, eval)(file));
          const options = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(event === "drop"
            ? new DragEvent(event, { ...options, dataTransfer: data })
            : new ClipboardEvent(event, { ...options, clipboardData: data }));
        }""",
        [file, event],
    )


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_photo_is_dropped_and_pasted(open_page: Open, faces: Model, event: str) -> None:
    page = open_faces(open_page)
    drop(page, f"new File([new Uint8Array({list(photo())})], 'photo.png')", event)
    page.get_by_role("button", name="Use the whole photo").click()
    wait_for_image(page, "#faces .original canvas", faces.prepare(photo())[0])


def test_files_that_are_no_photos_are_named(open_page: Open) -> None:
    page = open_faces(open_page)
    page.get_by_role("radio", name="Photo").check()
    upload, status = page.locator("#faces input[type=file]"), page.get_by_role("status")
    upload.set_input_files(as_file(b"plain text", "notes.png"))
    expect(status).to_have_text("notes.png: not an image that the browser can read.")
    drop(page, "new File([new Uint8Array(20_000_001)], 'large.png')")
    expect(status).to_have_text("large.png: more than 20 MB; choose a smaller photo.")
    upload.set_input_files(as_file(photo()))
    page.get_by_role("button", name="Cancel").click()
    set_slider(page, "Smiling", 2)
    expect(page.locator(".edits li")).to_have_count(1)


def test_a_morph_is_played_and_exported(open_page: Open, faces: Model) -> None:
    page = open_page("#tab=morph&model=vae_faces&a=test:0&b=test:1&alpha=0")
    assert faces.dataset is not None
    first, last = faces.dataset.test.images[:2]
    frames = faces.morph(first, last, steps=31, as_arrays=True)
    wait_for_image(page, "#morph .frame canvas", frames[0])
    expect(page.locator("#morph .strip canvas")).to_have_count(11)
    page.locator("#morph input[type=range]").fill("1")
    wait_for_image(page, "#morph .frame canvas", frames[-1])
    play = page.get_by_role("button", name="Play", exact=True)
    play.click()
    wait_for_change(page, "#morph .frame canvas", frames[-1])
    page.get_by_role("button", name="Stop").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    with Image.open(download.value.path()) as saved:
        assert (saved.format, saved.n_frames) == ("GIF", 31)  # type: ignore[attr-defined]


def test_a_dimension_is_changed(open_page: Open, faces: Model) -> None:
    page = open_page("#tab=dimensions&model=vae_faces&from=test:2")
    rows = page.locator(".traversal")
    expect(rows).to_have_count(6)
    expect(rows.first.locator("canvas")).to_have_count(9)
    assert faces.dataset is not None
    z = faces.encode(faces.dataset.test.images[2])
    wait_for_image(page, "#dimensions .changed canvas", faces.decode(z, as_arrays=True)[0])
    index = int(rows.first.get_attribute("data-index"))
    rows.first.locator("input").fill("2.5")
    z[0, index] = 2.5
    changed = faces.decode(z, as_arrays=True)[0]
    wait_for_image(page, "#dimensions .changed canvas", changed)
    expect(rows.first.locator(".value")).to_have_text("2.50")
    z[0, index] = -3
    wait_for_image(page, ".traversal .strip canvas", faces.decode(z, as_arrays=True)[0])
    assert f"z={index + 1}:2.500" in page.url
    page.reload()
    wait_for_image(page, "#dimensions .changed canvas", changed)
    page.locator("#dimensions .reset").click()
    expect(page.locator("#dimensions .reset")).to_be_disabled()


def test_a_value_in_the_address_stays_on_its_slider(open_page: Open) -> None:
    page = open_page("#tab=dimensions&model=vae_faces&from=test:2&z=1:1e30&z=2:-1e30")
    rows = page.locator(".traversal")
    for index, end in enumerate(("max", "min")):
        row = rows.and_(page.locator(f'[data-index="{index}"]'))
        bound = float(row.locator("input").get_attribute(end))
        expect(row.locator(".value")).to_have_text(f"{bound:.2f}".replace("-", "−"))


def test_an_incomplete_project_has_a_message_and_the_rest_works(
    open_page: Open, incomplete: Explorer
) -> None:
    page = open_page("#tab=space", incomplete)
    expect(page.locator("#space .note")).to_have_count(2)
    expect(page.locator("#space .about")).to_contain_text("the model is not trained yet")
    expect(page.locator("#space .about")).to_contain_text("data/processed/fashion: missing")
    page.get_by_role("tab", name="Faces").click()
    expect(page.locator(".no-attributes")).to_be_visible()
    wait_for_change(page, "#faces .edit canvas", np.zeros((16, 16, 3), np.uint8))
    page.get_by_role("tab", name="Morph").click()
    page.locator("#morph select").select_option("ae_fashion")
    expect(page.locator("#morph .about")).to_contain_text("not trained yet")
    page.locator("#morph select").select_option("vae_fashion")
    expect(page.locator("#morph .strip canvas")).to_have_count(11)
    expect(page.locator("#morph").get_by_role("radio", name="Test image").first).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_view_fits_the_screen(open_page: Open, width: int, scheme: str) -> None:
    size = {"width": width, "height": 844}
    page = open_page(viewport=size, color_scheme=scheme)
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#{tab} .body")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("input, select, button, canvas[tabindex]")]
              .filter((control) => control.checkVisibility())
              .filter((control) => !control.labels?.length && !control.ariaLabel
                && !control.textContent.trim())
              .map((control) => control.outerHTML)"""
        )
        assert unnamed == []
    if width == 1280:
        page.locator("#tab-space").click()
        for view in page.locator(".scatter").all():
            box = view.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= size["height"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(number) for number in re.findall(r"\d+", background)) > 3 * 128
    assert light == (scheme == "light")


def test_the_tabs_work_by_keyboard(open_page: Open) -> None:
    page = open_page("#tab=faces")
    page.get_by_role("tab", name="Faces").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Morph")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_have_attribute("id", "morph")
    page.keyboard.press("End")
    expect(page.get_by_role("tabpanel")).to_have_attribute("id", "dimensions")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, by WCAG 2.2."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(first: str, second: str) -> float:
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_have_enough_contrast(scheme: int) -> None:
    light, dark = STYLE.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")[:2]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", (light, dark)[scheme]))
    for text, behind in (
        *((text, behind) for text in ("ink", "soft", "accent") for behind in ("page", "raised")),
        ("ink", "field"),
        ("ink", "note"),
        ("on-accent", "accent"),
        ("good", "page"),
    ):
        assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    for mark in ("edge", "dot", *(f"class-{number}" for number in range(10))):
        assert contrast(colours[mark], colours["page"]) >= 3, mark
