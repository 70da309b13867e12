"""Figures as parts of a page."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latent.errors import InputError
from latent.report.pictures import WIDEST, Picture, embed_picture


def decode(picture: Picture) -> Image.Image:
    head, content = picture.uri.split(",")
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert head == f"data:{Image.MIME[str(image.format)]};base64"
    assert (picture.width, picture.height) == image.size
    return image


def test_a_drawing_keeps_every_pixel(tmp_path: Path) -> None:
    pixels = np.full((200, 300, 3), 255, np.uint8)
    pixels[50:60, 20:200] = (189, 31, 1)
    Image.fromarray(pixels).save(tmp_path / "drawing.png", compress_level=0)
    picture = embed_picture(tmp_path / "drawing.png")
    assert (np.asarray(decode(picture).convert("RGB")) == pixels).all()
    assert len(picture.uri) < (tmp_path / "drawing.png").stat().st_size / 10


def test_a_photograph_gets_much_smaller_and_looks_the_same(tmp_path: Path) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    photograph = Image.fromarray(coarse).resize((600, 400), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).integers(-2, 3, (400, 600, 3))
    pixels = np.clip(np.asarray(photograph) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photograph.png")
    picture = embed_picture(tmp_path / "photograph.png")
    assert len(picture.uri) < (tmp_path / "photograph.png").stat().st_size / 3
    difference = np.asarray(decode(picture).convert("RGB")).astype(int) - pixels
    assert np.abs(difference).mean() < 4


def test_a_picture_wider_than_the_page_is_made_to_fit(tmp_path: Path) -> None:
    Image.new("RGB", (2 * WIDEST, 400), "red").save(tmp_path / "wide.png")
    image = decode(embed_picture(tmp_path / "wide.png"))
    assert image.size == (WIDEST, 200)


def test_an_animation_keeps_its_frames(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (10, 100, 200)]
    frames[0].save(tmp_path / "frames.gif", save_all=True, append_images=frames[1:])
    image = decode(embed_picture(tmp_path / "frames.gif"))
    assert getattr(image, "n_frames", 1) == 3


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError, match=r"text\.png: is no picture"):
        embed_picture(tmp_path / "text.png")
