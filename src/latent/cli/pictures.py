"""The commands that make pictures: a sheet, a strip or an animation."""

from collections.abc import Mapping
from math import isqrt
from pathlib import Path

import numpy as np
from typer import echo

from latent import Model
from latent.api.sheets import encode_gif, encode_png, sheet
from latent.cli.models import format_table
from latent.cli.output import STANDARD_OUTPUT, open_output, report
from latent.cli.project import find_root

COLUMNS = 10  # minimum of a full sheet
STRIP = 16  # images per row of a strip


def generate(name: str, count: int, seed: int, output: Path) -> None:
    """Write a sheet of generated images."""
    images = _load(name).generate(count, seed, as_arrays=True)
    _write(output, encode_png(sheet(images, max(COLUMNS, isqrt(count)))), f"{count} images")


def reconstruct(name: str, image: Path, output: Path) -> None:
    """Write an image, as the model sees it, beside its reconstruction."""
    model = _load(name)
    original = model.prepare(image)
    images = np.concatenate([original, model.reconstruct(original, as_arrays=True)])
    page = sheet(images, 2, ["original", "reconstruction"])
    _write(output, encode_png(page), "original and reconstruction")


def edit(name: str, image: Path, alphas: Mapping[str, float], output: Path) -> None:
    """Write an image, its reconstruction and its edit."""
    model = _load(name)
    original = model.prepare(image)
    images = [
        *original,
        *model.reconstruct(original, as_arrays=True),
        model.edit(original[0], alphas, as_arrays=True),
    ]
    changes = "\n".join(f"{attribute} {_signed(alpha)}" for attribute, alpha in alphas.items())
    page = sheet(np.stack(images), 3, ["original", "reconstruction", changes])
    _write(output, encode_png(page), "original, reconstruction and edit")


def sweep(
    name: str, image: Path, attribute: str, ends: tuple[float, float], steps: int, output: Path
) -> None:
    """Write a strip of edits along one attribute vector."""
    model = _load(name)
    original = model.prepare(image)
    alphas = np.linspace(*ends, steps).tolist()
    images = model.sweep(original[0], attribute, alphas, as_arrays=True)
    captions = ["original", *(f"α = {_signed(alpha)}" for alpha in alphas)]
    page = sheet(np.concatenate([original, images]), STRIP, captions, attribute)
    _write(output, encode_png(page), f"{steps} edits of {attribute}")


def morph(name: str, image_a: Path, image_b: Path, steps: int, output: Path) -> None:
    """Write the decoded images between two images, as a strip or as an animation."""
    model = _load(name)
    start, end = model.prepare(image_a), model.prepare(image_b)
    images = model.morph(start[0], end[0], steps, as_arrays=True)
    if output.suffix.lower() == ".gif":
        content = encode_gif(images)
    else:
        alphas = [f"α = {alpha:.2g}" for alpha in np.linspace(0, 1, steps)]
        strip = np.concatenate([start, images, end])
        content = encode_png(sheet(strip, STRIP, ["image A", *alphas, "image B"]))
    _write(output, content, f"{steps} decoded images")


def nearest(name: str, image: Path, count: int, output: Path) -> None:
    """Write a sheet of the nearest training images, and print a table of them."""
    model = _load(name)
    original = model.prepare(image)
    found = model.nearest(original[0], count, as_arrays=True)
    labels = found.labels or [""] * len(found.ids)
    rows = [
        (f"{distance:.4g}", image_id, label)
        for distance, image_id, label in zip(found.distances, found.ids, labels, strict=True)
    ]
    captions = [f"{distance}\n{label}" for distance, _, label in rows]
    images = np.concatenate([original, found.images])
    page = sheet(images, COLUMNS + 1, ["image", *captions])
    _write(output, encode_png(page), f"the {len(rows)} nearest training images")
    table = format_table([("distance", "image_id", ""), *rows])
    # The table must not get into a picture on standard output.
    echo(table, err=output == STANDARD_OUTPUT)


def _load(name: str) -> Model:
    return Model.load(name, find_root())


def _signed(alpha: float) -> str:
    """Return α with a sign, as few digits as needed, and a typographic minus sign."""
    return f"{alpha:+.3g}".replace("-", "−") if alpha else "0"


def _write(output: Path, content: bytes, description: str) -> None:
    with open_output(output) as path:
        path.write_bytes(content)
    report(output, description)
