"""Values on the command line: attributes with their α, and ranges of α."""

import math
from collections.abc import Sequence

from typer import TyperException


class UsageError(TyperException):
    """An argument cannot be understood."""

    exit_code = 2


def parse_changes(texts: Sequence[str]) -> dict[str, float]:
    """Return the α of each attribute, from arguments such as "Smiling=+3".

    The name of an attribute may contain "=": the last one separates the number.

    Raises:
        UsageError: an argument has another form, or an attribute occurs twice.
    """
    changes: dict[str, float] = {}
    for text in texts:
        name, separator, number = text.rpartition("=")
        if not (separator and name):
            raise UsageError(f"{text!r}: must be ATTRIBUTE=NUMBER, such as Smiling=+3")
        if name in changes:
            raise UsageError(f"{text!r}: {name} is given twice; give each attribute once")
        changes[name] = _parse_alpha(number, text)
    return changes


def parse_range(text: str) -> tuple[float, float]:
    """Return the first and the last α of a range such as "-4:4".

    Raises:
        UsageError: the text has another form, or both ends are equal.
    """
    first, separator, last = text.partition(":")
    if not separator:
        raise UsageError(f"{text!r}: must be FIRST:LAST, such as -4:4")
    ends = _parse_alpha(first, text), _parse_alpha(last, text)
    if ends[0] == ends[1]:
        raise UsageError(f"{text!r}: the ends of the range must differ")
    return ends


def _parse_alpha(number: str, text: str) -> float:
    try:
        # The pictures show a typographic minus sign, which a user may copy.
        alpha = float(number.replace("−", "-"))
    except ValueError:
        alpha = math.nan
    if not math.isfinite(alpha):
        raise UsageError(f"{text!r}: {number!r} is not a number; write for example +3 or -2.5")
    return alpha
