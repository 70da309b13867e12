"""Reading the results of a run, and errors for missing and damaged files."""

import json
from pathlib import Path

import pytest
from tiny_run import DATASETS, evaluation_of, write_figure, write_json, write_run

from latent.errors import InputError
from latent.io.paths import edit_figures
from latent.params import Params
from latent.report.captions import AUTOENCODER
from latent.report.collect import caption_from_name, collect, find_figures
from latent.report.face_captions import vae_faces


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "reports/metrics/ae_fashion.json",
        "reports/metrics/vae_fashion_embeddings.json",
        "reports/metrics/vae_faces_attributes.json",
        "reports/metrics/ae_fashion_evaluation.json",
        "reports/metrics/vae_faces_edits.json",
        "reports/evaluation/vae_fashion/dimensions.csv",
        "reports/evaluation/vae_faces_edits/smallest_alpha.csv",
        "data/processed/faces/dataset.json",
        "models/vae_faces/summary.txt",
    ],
)
def test_missing_file_is_a_one_line_error(root: Path, params: Params, name: str) -> None:
    (root / name).unlink()
    with pytest.raises(InputError, match=name) as error:
        collect(params, root)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"train/loss": 1.0', "Invalid JSON"),
        ('{"train/loss": NaN}', "train/loss"),
        ('{"train/loss": {"deep": 1}}', "train/loss"),
        ("[1, 2]", "an object"),
        ('{"train/loss": 1.0}', "'test/loss'"),
    ],
)
def test_damaged_metrics_are_a_one_line_error(
    root: Path, params: Params, content: str, message: str
) -> None:
    (root / "reports/metrics/vae_faces.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"metrics/vae_faces\.json: ") as error:
        collect(params, root)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_evaluation_metric_is_an_error(root: Path, params: Params) -> None:
    metrics = evaluation_of("vae_fashion")
    del metrics["evaluate/importance_nats"]
    write_json(root / "reports/metrics/vae_fashion_evaluation.json", metrics)
    with pytest.raises(InputError, match=r"evaluation\.json: has no 'evaluate/importance_nats'"):
        collect(params, root)


def test_missing_column_is_an_error(root: Path, params: Params) -> None:
    path = root / "reports/evaluation/ae_fashion/dimensions.csv"
    path.write_text("dimension,mean\n1,0.5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dimensions\.csv: has no column 'unlike_prior'"):
        collect(params, root)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("vectors,attribute,direction,tried\nmeans,Male,adds,True\n", "has no column 'alpha'"),
        ("vectors,attribute,direction,tried,alpha\nmeans,Male,adds,True,far\n", "'far'"),
    ],
)
def test_damaged_table_of_smallest_alphas_is_an_error(
    root: Path, params: Params, content: str, message: str
) -> None:
    path = root / "reports/evaluation/vae_faces_edits/smallest_alpha.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"smallest_alpha\.csv: ") as error:
        collect(params, root)
    assert message in str(error.value)


def test_damaged_dataset_description_is_an_error(root: Path, params: Params) -> None:
    path = root / "data/processed/fashion/dataset.json"
    write_json(path, {**DATASETS["fashion"], "images": {"train": "many", "test": 1}})
    with pytest.raises(InputError, match=r"dataset\.json: images\.train"):
        collect(params, root)
    path.write_text(json.dumps([]), encoding="utf-8")
    with pytest.raises(InputError, match=r"dataset\.json: "):
        collect(params, root)


@pytest.mark.parametrize(
    "content", ["", "encoder\n\nlayer\nDense\n\n3 parameters\n", "a\n\nb\n\nc"]
)
def test_damaged_model_summary_is_an_error(root: Path, params: Params, content: str) -> None:
    (root / "models/vae_faces/summary.txt").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"vae_faces/summary\.txt: "):
        collect(params, root)


def test_damaged_figure_is_a_one_line_error(root: Path, params: Params) -> None:
    (root / "reports/figures/ae_fashion/3-02_embeddings.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(InputError, match=r"3-02_embeddings\.png: ") as error:
        collect(params, root)
    assert "\n" not in str(error.value)


def test_figures_have_the_order_of_their_captions_and_unknown_ones_are_last(tmp_path: Path) -> None:
    for name in ("9-01_new.png", "3-09_decoded_grid.png", "a_new.gif", "3-02_embeddings.png"):
        write_figure(tmp_path, f"ae_fashion/{name}")
    (tmp_path / "reports/figures/ae_fashion/notes.txt").write_text("not an image")
    (tmp_path / "reports/figures/ae_fashion/.3-03_items.png").write_text("half written")
    figures = find_figures(tmp_path / "reports/figures", ("ae_fashion", "missing"), AUTOENCODER)
    assert [figure.anchor for figure in figures] == [
        "ae_fashion-3-02_embeddings-png",
        "ae_fashion-3-09_decoded_grid-png",
        "ae_fashion-9-01_new-png",
        "ae_fashion-a_new-gif",
    ]
    assert len({figure.image.uri for figure in figures}) == 4
    # The page has no still image of the same name.
    assert not any(figure.is_animation for figure in figures)


def test_figures_of_similar_attributes_have_their_own_captions_and_anchors(tmp_path: Path) -> None:
    attributes = ["Smiling", "smiling", "a.b", "a b", "微笑", "年轻"]
    for name in edit_figures(attributes).values():
        write_figure(tmp_path, f"vae_faces/{name}")
    captions = vae_faces(attributes)
    figures = find_figures(tmp_path / "reports/figures", ("vae_faces",), captions)
    titles = [f"Edits along the attribute vector of {name}" for name in attributes]
    assert [figure.caption.title for figure in figures] == titles
    assert len({figure.anchor.casefold() for figure in figures}) == len(attributes)


def test_animation_with_a_still_image_is_marked(root: Path, params: Params) -> None:
    figures = collect(params, root).models["vae_fashion"].figures
    assert [figure.anchor for figure in figures if figure.is_animation] == [
        "vae_fashion-samples_by_epoch-gif"
    ]


def test_caption_is_made_from_the_file_name() -> None:
    assert caption_from_name("vae_faces/3-07_more_of_it.png").number == "3-7"
    assert caption_from_name("vae_faces/3-07_more_of_it.png").title == "More of it"
    assert caption_from_name("chapter/histogram.png").number is None
    assert caption_from_name("chapter/3-07_.png").title == "3-07_"
