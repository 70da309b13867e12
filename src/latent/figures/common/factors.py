"""Values of α for figures of attribute edits that have no room for all of them."""

from collections.abc import Sequence


def few_factors(factors: Sequence[float]) -> list[float]:
    """Return the lowest and the highest factor, 0, and the midpoints between 0 and these two."""
    low, high = min(0, *factors), max(0, *factors)
    return sorted({low, low / 2, 0, high / 2, high})
