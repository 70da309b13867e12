"""The HTML page: validity, content, and the same bytes for the same run."""

import hashlib
import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tiny_run import (
    ATTRIBUTES,
    DATASETS,
    PARAMS_FILE,
    edited,
    write_figure,
    write_json,
    write_run,
)

from latent.params import Params
from latent.report.collect import collect
from latent.report.render import render

VOID = {"meta", "link", "img", "br"}
BLOCKS = {"p", "div", "dl", "ol", "table", "figure", "section", "details", "pre", "h2", "h3"}
OTHERS = {
    *("html", "head", "title", "style", "body", "header", "nav", "main", "h1", "cite", "strong"),
    *("span", "a", "li", "dt", "dd", "code", "figcaption", "summary"),
    *("thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """Checks the nesting of tags, and collects text and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        assert text.startswith("<!doctype html>\n")
        self.feed(text)
        self.close()
        assert self.open == []
        self.text = " ".join(unescape(self.text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID | BLOCKS | OTHERS, tag
        assert not (tag in BLOCKS and "p" in self.open), f"{tag} in a paragraph"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert all(value is not None for _, value in attrs), f"{tag} {attrs}"
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            assert "&" not in data, data
            assert "<" not in data, data
            self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += f"&{name};"

    def handle_charref(self, name: str) -> None:
        self.text += f"&#{name};"

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.attributes if name in attributes]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path)
    return tmp_path


def test_page_is_valid_html(root: Path, params: Params) -> None:
    page = Page(render(collect(params, root)))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = [href.removeprefix("#") for href in page.values("href") if href.startswith("#")]
    assert set(targets + page.values("aria-labelledby")) <= set(ids)
    assert {"data", "claims", "ae_fashion", "vae_fashion", "vae_faces", "parameters"} <= set(
        targets
    )
    tags = [tag for tag, _ in page.attributes]
    assert tags.count("h1") == tags.count("main") == tags.count("nav") == 1
    assert page.values("lang") == ["en"]
    images = [attributes for tag, attributes in page.attributes if tag == "img"]
    assert len(images) == 12
    assert all(image["alt"] and int(image["width"]) for image in images)


def test_page_has_no_external_references(root: Path, params: Params) -> None:
    text = render(collect(params, root))
    page = Page(text)
    for name in ("src", "href", "srcset", "action", "data", "poster"):
        assert all(value.startswith(("data:", "#")) for value in page.values(name)), name
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "{" in style
    assert not re.search(r"url\(|@import|image-set", style)
    assert not any(
        name.startswith("on") for _, attributes in page.attributes for name in attributes
    )


def test_sections_and_figures_follow_the_chapter(root: Path, params: Params) -> None:
    page = Page(render(collect(params, root)))
    order = [
        "Data and models",
        "Claims of the chapter",
        "Autoencoder for fashion images",
        "Figure 3-2 ",
        "Loss after each epoch",
        "Figure 3-9 ",
        "Variational autoencoder for fashion images",
        "Figure 3-10 ",
        "Figure 3-11 ",
        "Latent spaces of the autoencoder and the VAE",
        "Variational autoencoder for faces",
        "Figure 3-15 ",
        "Edits along the attribute vector of Smiling",
        "Edits along the attribute vector of Black Hair",
        "Figure 3-20 ",
        "Parameters that differ from the chapter",
        "How to reproduce this run",
    ]
    text = page.text[page.text.index(order[-1]) + len(order[-1]) :]  # after the table of contents
    positions = [text.index(title) for title in order]
    assert positions == sorted(positions)


def test_synthetic_data_is_labelled(root: Path, params: Params) -> None:
    text = Page(render(collect(params, root))).text
    assert (
        "The fashion images and faces in this report are synthetic: they were generated by code."
        in text
    )
    assert text.count("Synthetic sample, generated by code, ") == 2
    assert "10,000 images" in text
    assert "1,000 images of the validation partition" in text


def test_only_synthetic_datasets_are_labelled(root: Path, params: Params) -> None:
    fashion = {**DATASETS["fashion"], "source": "fashion_mnist"}
    write_json(root / "data/processed/fashion/dataset.json", fashion)
    real = edited(params, "download.fashion.source", "fashion_mnist")
    text = Page(render(collect(real, root))).text
    assert "The faces in this report are synthetic" in text
    assert "Fashion-MNIST: real grey images" in text
    faces = {**DATASETS["faces"], "source": "archive"}
    write_json(root / "data/processed/faces/dataset.json", faces)
    text = Page(render(collect(real, root))).text
    assert "generated by code" not in text.lower()
    assert "synthetic" not in text.lower()
    assert "An archive in the layout of CelebA: real photographs" in text


def test_your_own_images_are_described_by_classes_and_left_out_files(
    root: Path, params: Params
) -> None:
    own = {
        **DATASETS["fashion"],
        "source": "folder",
        "classes": ["<b>cups</b>", *(f"kind {label}" for label in range(30))],
        "left_out": {"other_files": 3},
        "skipped": {"count": 2, "images": {"cups/1.png": "not an image", "cups/2.png": "is empty"}},
    }
    write_json(root / "data/processed/fashion/dataset.json", own)
    text = Page(render(collect(edited(params, "download.fashion.source", "folder"), root))).text
    assert "Your own grey images" in text
    assert "31: <b>cups</b>, kind 0, kind 1" in text
    assert "kind 22 and 7 more" in text
    assert "3 files without the extension of an image; 2 unreadable" in text
    assert "The faces in this report are synthetic" in text


def test_text_from_files_is_escaped(root: Path, params: Params) -> None:
    evil = "<script>alert(\"x\")</script> & 'more'"
    record = {**DATASETS["faces"], "source": evil, "left_out": {evil: 3}}
    write_json(root / "data/processed/faces/dataset.json", record)
    write_json(
        root / "reports/metrics/vae_faces_attributes.json", {**ATTRIBUTES, f"auc/{evil}": 0.6}
    )
    write_figure(root, 'vae_faces/<b>bold"&.png')
    text = render(collect(params, root))
    assert "<script" not in text
    page = Page(text)
    assert page.text.count(evil) == 3
    assert '<b>bold"&' in page.text


def test_missing_figure_is_left_out(root: Path, params: Params) -> None:
    assert "Figure 3-9 " in Page(render(collect(params, root))).text
    (root / "reports/figures/ae_fashion/3-09_decoded_grid.png").unlink()
    page = Page(render(collect(edited(params, "train_ae.fashion.latent_dim", 3), root)))
    assert "Figure 3-9 " not in page.text
    assert "Scatter plots show dimensions 1 and 2 of 3" in page.text


def test_unknown_figure_is_last_in_its_section(root: Path, params: Params) -> None:
    write_figure(root, "ae_fashion/0_something_new.png")
    text = Page(render(collect(params, root))).text
    section = text[text.rindex("Autoencoder for fashion images") :]
    assert section.index("Figure 3-9 ") < section.index("0 something new")
    assert section.index("0 something new") < section.index("Metrics")


def test_changed_parameter_is_listed_with_the_command_to_set_it(root: Path, params: Params) -> None:
    changed = edited(params, "train_vae.fashion.filters", [16, 32])
    text = Page(render(collect(changed, root))).text
    assert "train_vae.fashion.filters [32,64,128] [16,32] table 3-4" in text
    assert "dvc exp run \\ -S 'train_vae.fashion.filters=[16,32]'" in text
    assert "make repro" not in text
    assert "make repro" in Page(render(collect(params, root))).text


def test_metrics_are_listed_with_their_definitions(root: Path, params: Params) -> None:
    text = Page(render(collect(params, root))).text
    assert "loss 0.2534 0.2508 binary cross-entropy, mean over the pixels, in nats" in text
    assert (
        "reconstruction loss 127.01 126.15 500 × binary cross-entropy, mean over the pixels" in text
    )
    assert "KL loss 5.09 5.05 KL divergence in nats per image" in text
    assert "β = 1,024 / 500 = 2.048" in text
    assert "encoder 653,584 652,560 1,024" in text
    assert "Conv2D 16×16×32 320 conv2d" in text
    aucs = "Smiling 0.900 Male 0.700 Young 0.500 Mean 0.700."
    assert aucs in text
    assert re.search(r"\b([Nn]a[Nn]|inf|None|Undefined|True|False)\b", text) is None


def test_an_attribute_may_be_named_mean(root: Path, params: Params) -> None:
    write_json(
        root / "reports/metrics/vae_faces_attributes.json", {"mean_auc": 0.5, "auc/mean": 0.5}
    )
    text = Page(render(collect(params, root))).text
    assert "mean 0.500 Mean 0.500." in text


def test_without_attributes_there_is_no_table_of_aucs(root: Path, params: Params) -> None:
    assert "AUC of the attribute vectors" in Page(render(collect(params, root))).text
    write_json(root / "reports/metrics/vae_faces_attributes.json", {})
    text = Page(render(collect(params, root))).text
    assert "AUC of the attribute vectors" not in text
    assert "No attribute vector could be evaluated" in text


SCRIPT = """
import hashlib, sys
from pathlib import Path
from latent.params import load_params
from latent.report.collect import collect
from latent.report.render import render
page = render(collect(load_params(Path(sys.argv[2])), Path(sys.argv[1])))
heavy = [name for name in ("keras", "tensorflow", "mlflow", "matplotlib") if name in sys.modules]
print(hashlib.sha256(page.encode()).hexdigest(), *heavy)
"""


def test_same_results_give_the_same_bytes_in_any_folder(root: Path, params: Params) -> None:
    elsewhere = root / "elsewhere"
    write_run(elsewhere)
    for name in "abcdefg":  # listed in an order that depends on the hash seed
        write_figure(root, f"vae_faces/{name}.png")
        write_figure(elsewhere, f"vae_faces/{name}.png")
    page = render(collect(params, root))
    assert page == render(collect(params, root)) == render(collect(params, elsewhere))
    expected = hashlib.sha256(page.encode()).hexdigest()
    for seed in ("1", "2"):
        path = os.pathsep.join((str(Path(__file__).parent), str(PARAMS_FILE.parent / "src")))
        printed = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(elsewhere), str(PARAMS_FILE)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert printed == [expected]
