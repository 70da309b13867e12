"""Description of a file that is not a zip: a failed download often saves a web page instead."""

import re
import textwrap
from html import unescape
from pathlib import Path

from latent.raw.folder_or_zip import printable

BYTES_READ = 4096  # from the beginning of the file
QUOTED_CHARACTERS = 120  # maximum length of the quotation

PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
INVISIBLE = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def describe_wrong_file(path: Path) -> str:
    """Return a description of a file that is not a zip, beginning with "; ", or "" if unknown.

    The description quotes the title of a web page, or its text if it has no title, or the
    beginning of any other text.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(BYTES_READ)
    except OSError:
        return ""
    if not beginning:
        return "; the file is empty"
    text = beginning.decode("utf-8", "replace")
    if PAGE.match(text):
        title = TITLE.search(text)
        words = title[1] if title else INVISIBLE.sub(" ", text)
        return f"; the file is a web page: {_quote(unescape(words))}"
    # The last bytes that were read may be an incomplete character, which decodes to U+FFFD.
    if all(letter.isprintable() or letter.isspace() for letter in text.rstrip("\ufffd")):
        return f"; the file is a text: {_quote(text)}"
    return ""


def _quote(text: str) -> str:
    shortened = textwrap.shorten(text, QUOTED_CHARACTERS, placeholder=" …")
    return f"“{printable(shortened)}”"
