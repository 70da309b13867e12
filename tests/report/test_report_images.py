"""Images embedded in the report."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latent.errors import InputError
from latent.report.images import MAX_WIDTH, EmbeddedImage, embed_image


def decode(embedded: EmbeddedImage) -> Image.Image:
    head, content = embedded.uri.split(",")
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert head == f"data:{Image.MIME[str(image.format)]};base64"
    assert (embedded.width, embedded.height) == image.size
    return image


def test_diagram_is_compressed_without_loss(tmp_path: Path) -> None:
    pixels = np.full((200, 300, 3), 255, np.uint8)
    pixels[50:60, 20:200] = (189, 31, 1)
    Image.fromarray(pixels).save(tmp_path / "drawing.png", compress_level=0)
    embedded = embed_image(tmp_path / "drawing.png")
    assert (np.asarray(decode(embedded).convert("RGB")) == pixels).all()
    assert len(embedded.uri) < (tmp_path / "drawing.png").stat().st_size / 10


def test_photograph_is_compressed_with_little_loss(tmp_path: Path) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    photograph = Image.fromarray(coarse).resize((600, 400), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).integers(-2, 3, (400, 600, 3))
    pixels = np.clip(np.asarray(photograph) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photograph.png")
    embedded = embed_image(tmp_path / "photograph.png")
    assert len(embedded.uri) < (tmp_path / "photograph.png").stat().st_size / 3
    difference = np.asarray(decode(embedded).convert("RGB")).astype(int) - pixels
    assert np.abs(difference).mean() < 4


def test_wide_image_is_scaled_down(tmp_path: Path) -> None:
    Image.new("RGB", (2 * MAX_WIDTH, 400), "red").save(tmp_path / "wide.png")
    image = decode(embed_image(tmp_path / "wide.png"))
    assert image.size == (MAX_WIDTH, 200)


def test_animation_keeps_its_frames(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (10, 100, 200)]
    frames[0].save(tmp_path / "frames.gif", save_all=True, append_images=frames[1:])
    image = decode(embed_image(tmp_path / "frames.gif"))
    assert getattr(image, "n_frames", 1) == 3


def test_file_that_is_not_an_image_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not an image")
    with pytest.raises(InputError, match=r"text\.png: not a readable image"):
        embed_image(tmp_path / "text.png")
