"""Description of a file that is not a zip: a failed download often saves a web page instead."""

import re
import textwrap
from html import unescape
from pathlib import Path

BYTES_READ = 4096  # from the beginning of the file
QUOTED_CHARACTERS = 120  # maximum length of the quotation

OTHER_ARCHIVES = {
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
}
# Descriptions by the first bytes of a file.
DESCRIPTIONS = {
    b"PK\x03\x04": "; the zip is incomplete or damaged: download or copy it again",
    **{
        start: f"; the file is a {kind} archive: unpack it, or pack it again as a zip"
        for start, kind in OTHER_ARCHIVES.items()
    },
}

PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
INVISIBLE = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def describe_wrong_file(path: Path) -> str:
    """Return a description of a file that is not a zip, beginning with "; ", or "" if unknown.

    The description names other archives and incomplete zips. It quotes the title of a web page, or
    its text if it has no title, or the beginning of any other text.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(BYTES_READ)
    except OSError:
        return ""
    if not beginning:
        return "; the file is empty"
    for start, description in DESCRIPTIONS.items():
        if beginning.startswith(start):
            return description
    text = beginning.decode("utf-8", "replace")
    if page := describe_page(text):
        return page
    # The last bytes that were read may be an incomplete character, which decodes to U+FFFD.
    if all(letter.isprintable() or letter.isspace() for letter in text.rstrip("\ufffd")):
        return f"; the file is a text: {_quote(text)}"
    return ""


def describe_page(text: str) -> str:
    """Return a description of a web page, beginning with "; ", or "" for any other text."""
    if not PAGE.match(text):
        return ""
    text = text[:BYTES_READ]
    title = TITLE.search(text)
    words = title[1] if title else INVISIBLE.sub(" ", text)
    return f"; the file is a web page: {_quote(unescape(words))}"


def _quote(text: str) -> str:
    shortened = textwrap.shorten(text, QUOTED_CHARACTERS, placeholder=" …")
    visible = (letter if letter.isprintable() else "\ufffd" for letter in shortened)
    return f"“{''.join(visible)}”"
