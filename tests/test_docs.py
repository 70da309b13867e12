"""The documentation refers only to files and headings that exist."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS = [README, *PAGES, ROOT / "benchmarks/README.md"]
LONGEST_README = 200  # lines
CODE_FOLDERS = ("src/", "stages/", "tests/", "docs/", "benchmarks/")
PLACEHOLDER = re.compile(r"<\w+>|NAME")  # in paths: models/<model>/, results/NAME.json
# Links and images may also be written in HTML.
HTML_ADDRESS = re.compile(r"""(?:href|src)\s*=\s*["']([^"']+)["']""")


def read_tokens(document: Path) -> list[Token]:
    """Return the blocks of a Markdown file, each followed by the tokens in its text."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = []
    for block in parser.parse(document.read_text(encoding="utf-8")):
        tokens += [block, *(block.children or [])]
    return tokens


def find_addresses(document: Path) -> list[str]:
    """Return the addresses of all links and images in a Markdown file."""
    addresses = []
    for token in read_tokens(document):
        if token.type == "link_open":
            addresses.append(str(token.attrs["href"]))
        elif token.type == "image":
            addresses.append(str(token.attrs["src"]))
        elif token.type in ("html_block", "html_inline"):
            addresses += HTML_ADDRESS.findall(token.content)
    return addresses


def find_relative_links(document: Path) -> list[tuple[Path, str]]:
    """Return the file and the anchor, which may be empty, of each link within the repository."""
    links = []
    for address in find_addresses(document):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        file = document.parent / unquote(parts.path) if parts.path else document
        links.append((file.resolve(), unquote(parts.fragment)))
    return links


def find_anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a Markdown file.

    GitHub converts a heading to lower case, removes punctuation and replaces spaces by hyphens. If
    the anchor exists already, GitHub appends -1, -2 and so on.
    """
    anchors: set[str] = set()
    tokens = read_tokens(document)
    for opening, text in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        title = "".join(
            child.content for child in text.children or [] if child.type in ("text", "code_inline")
        )
        base = re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        anchor, repeats = base, 0
        while anchor in anchors:
            repeats += 1
            anchor = f"{base}-{repeats}"
        anchors.add(anchor)
    return anchors


def find_code_paths(document: Path) -> list[str]:
    """Return the code spans of a Markdown file that begin with a folder of the repository."""
    spans = [token.content for token in read_tokens(document) if token.type == "code_inline"]
    return [span for span in spans if span.startswith(CODE_FOLDERS)]


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def test_relative_links_and_images_lead_to_existing_files() -> None:
    broken = [
        f"{name_of(document)}: {file}"
        for document in DOCUMENTS
        for file, _ in find_relative_links(document)
        if not (file.exists() and file.is_relative_to(ROOT))
    ]
    assert broken == []


def test_anchors_lead_to_existing_headings() -> None:
    broken = []
    for document in DOCUMENTS:
        for file, anchor in find_relative_links(document):
            # The test above reports a missing file.
            if not anchor or not file.is_file():
                continue
            if file.suffix != ".md" or anchor not in find_anchors(file):
                broken.append(f"{name_of(document)}: {file.name}#{anchor}")
    assert broken == []


def test_every_page_is_reachable_from_the_readme() -> None:
    reached = {README}
    waiting = [README]
    while waiting:
        for file, _ in find_relative_links(waiting.pop()):
            if file.suffix == ".md" and file.is_file() and file not in reached:
                reached.add(file)
                waiting.append(file)
    assert [name_of(page) for page in PAGES if page not in reached] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_paths_in_code_spans_exist() -> None:
    missing = [
        f"{name_of(document)}: {path}"
        for document in DOCUMENTS
        for path in find_code_paths(document)
        if not any(ROOT.glob(PLACEHOLDER.sub("*", path)))
    ]
    assert missing == []
