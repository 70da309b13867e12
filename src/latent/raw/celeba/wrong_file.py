"""What a file is that should be a zip and is none: a download can leave a notice in its place."""

import re
import textwrap
from html import unescape
from pathlib import Path

from latent.raw.folder_or_zip import one_line

BEGINNING = 4096  # bytes that are looked at
LETTERS = 120  # of a notice that are quoted

PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
HIDDEN = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def describe_mistaken(path: Path) -> str:
    """Return what a file is that was taken for a zip, as "; it is ...", or "" where nobody knows.

    A web page is told by its title, else by its text; another text by its beginning.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(BEGINNING)
    except OSError:
        return ""
    if not beginning:
        return "; it is empty"
    text = beginning.decode("utf-8", "replace")
    if PAGE.match(text):
        title = TITLE.search(text)
        words = title[1] if title else HIDDEN.sub(" ", text)
        return f"; it is a web page that says {_quote(unescape(words))}"
    # A character cut in two by the end of what was read is no sign of another kind of file.
    if all(letter.isprintable() or letter.isspace() for letter in text.rstrip("\ufffd")):
        return f"; it is a text that says {_quote(text)}"
    return ""


def _quote(text: str) -> str:
    shortened = textwrap.shorten(text, LETTERS, placeholder=" …")
    return f"“{one_line(shortened)}”"
