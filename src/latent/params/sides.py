"""Sides of images that the networks can halve."""

from collections.abc import Sequence

FASHION_SIDE = 28  # pixels: side of the images of Fashion-MNIST and of the synthetic sample
MAX_PADDING = 128
SIZES = range(8, 513)  # sides of the images of faces


def size_problem(size: int, halvings: int) -> str | None:
    """Return why images of faces cannot be halved `halvings` times, and the nearest fitting sizes.

    Args:
        size: side of the images in pixels.
        halvings: number of times that the network halves an image.

    Returns:
        None if the images can be halved.
    """
    factor = 2**halvings
    below = size - size % factor
    if below == size:
        return None
    nearest = [str(fitting) for fitting in (below, below + factor) if fitting in SIZES]
    return (
        f"must be a multiple of {factor}, because the network halves images {halvings} times (once "
        f"per entry of train_vae.faces.filters): set it to {' or '.join(nearest)}"
    )


def padding_problem(sides: Sequence[int], padding: int, halvings: int) -> str | None:
    """Return why padded images cannot be halved `halvings` times, and the nearest fitting paddings.

    Args:
        sides: height and width of the images in pixels, without the padding.
        padding: pixels added on each side.
        halvings: number of times that the networks halve an image.

    Returns:
        None if the images can be halved.
    """
    factor = 2**halvings
    fitting = [
        width
        for width in range(MAX_PADDING + 1)
        if all((side + 2 * width) % factor == 0 for side in sides)
    ]
    if padding in fitting:
        return None
    nearest = sorted(sorted(fitting, key=lambda width: abs(width - padding))[:2])
    advice = (
        f"set preprocess.fashion.padding to {' or '.join(map(str, nearest))}"
        if nearest
        else "no padding fits, resize the images"
    )
    return (
        f"images of {'×'.join(map(str, sides))} pixels with a padding of {padding} cannot be "
        f"halved {halvings} times (once per entry of filters); both sides must be multiples of "
        f"{factor}: {advice}"
    )
