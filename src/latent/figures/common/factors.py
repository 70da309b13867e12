"""The lengths α of attribute edits that a figure has room for."""

from collections.abc import Sequence


def few_factors(factors: Sequence[float]) -> list[float]:
    """Return 0, the lowest and the highest of the factors, and the middles between them."""
    low, high = min(0, *factors), max(0, *factors)
    return sorted({low, low / 2, 0, high / 2, high})
