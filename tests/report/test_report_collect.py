"""What the report reads, and how it refuses what cannot be read."""

import json
from pathlib import Path

import pytest
from tiny_run import DATASETS, evaluation_of, write_figure, write_json, write_run

from latent.errors import InputError
from latent.params import Params
from latent.report.captions import AUTOENCODER
from latent.report.collect import caption_of, collect, find_figures


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
def test_a_missing_file_ends_in_one_line_that_names_it(
    root: Path, params: Params, name: str
) -> None:
    (root / name).unlink()
    with pytest.raises(InputError, match=name) as caught:
        collect(params, root)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"train/loss": 1.0', "Invalid JSON"),
        ('{"train/loss": NaN}', "train/loss"),
        ('{"train/loss": {"deep": 1}}', "train/loss"),
        ("[1, 2]", "an object"),
        ('{"train/loss": 1.0}', "'test/loss'"),
    ],
)
def test_damaged_metrics_end_in_one_line(
    root: Path, params: Params, content: str, said: str
) -> None:
    (root / "reports/metrics/vae_faces.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"metrics/vae_faces\.json: ") as caught:
        collect(params, root)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_evaluation_without_a_number_ends_in_one_line(root: Path, params: Params) -> None:
    numbers = evaluation_of("vae_fashion")
    del numbers["evaluate/importance_nats"]
    write_json(root / "reports/metrics/vae_fashion_evaluation.json", numbers)
    with pytest.raises(InputError, match=r"evaluation\.json: has no 'evaluate/importance_nats'"):
        collect(params, root)


def test_a_table_without_a_column_ends_in_one_line(root: Path, params: Params) -> None:
    path = root / "reports/evaluation/ae_fashion/dimensions.csv"
    path.write_text("dimension,mean\n1,0.5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dimensions\.csv: has no column 'unlike_prior'"):
        collect(params, root)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("vectors,attribute,direction,tried\nmeans,Male,adds,True\n", "has no column 'alpha'"),
        ("vectors,attribute,direction,tried,alpha\nmeans,Male,adds,True,far\n", "'far'"),
    ],
)
def test_damaged_reach_ends_in_one_line(
    root: Path, params: Params, content: str, said: str
) -> None:
    path = root / "reports/evaluation/vae_faces_edits/smallest_alpha.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"smallest_alpha\.csv: ") as caught:
        collect(params, root)
    assert said in str(caught.value)


def test_a_damaged_description_of_the_data_ends_in_one_line(root: Path, params: Params) -> None:
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
def test_a_damaged_summary_ends_in_one_line(root: Path, params: Params, content: str) -> None:
    (root / "models/vae_faces/summary.txt").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"vae_faces/summary\.txt: "):
        collect(params, root)


def test_a_damaged_figure_ends_in_one_line(root: Path, params: Params) -> None:
    (root / "reports/figures/ae_fashion/3-02_embeddings.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(InputError, match=r"3-02_embeddings\.png: ") as caught:
        collect(params, root)
    assert "\n" not in str(caught.value)


def test_figures_stand_in_the_order_of_their_captions_and_unknown_ones_last(tmp_path: Path) -> None:
    for name in ("9-01_new.png", "3-09_decoded_grid.png", "a_new.gif", "3-02_embeddings.png"):
        write_figure(tmp_path, f"ae_fashion/{name}")
    (tmp_path / "reports/figures/ae_fashion/notes.txt").write_text("no picture")
    (tmp_path / "reports/figures/ae_fashion/.3-03_items.png").write_text("half written")
    shown = find_figures(tmp_path / "reports/figures", ("ae_fashion", "missing"), AUTOENCODER)
    assert [figure.anchor for figure in shown] == [
        "ae_fashion-3-02_embeddings-png",
        "ae_fashion-3-09_decoded_grid-png",
        "ae_fashion-9-01_new-png",
        "ae_fashion-a_new-gif",
    ]
    assert len({figure.picture.uri for figure in shown}) == 4
    # Without a still picture of the same name, an animation is all there is.
    assert not any(figure.moves for figure in shown)


def test_an_animation_with_a_still_picture_beside_it_is_one_that_moves(
    root: Path, params: Params
) -> None:
    figures = collect(params, root).models["vae_fashion"].figures
    assert [figure.anchor for figure in figures if figure.moves] == [
        "vae_fashion-samples_by_epoch-gif"
    ]


def test_a_file_name_becomes_a_caption() -> None:
    assert caption_of("vae_faces/3-07_more_of_it.png").number == "3-7"
    assert caption_of("vae_faces/3-07_more_of_it.png").title == "More of it"
    assert caption_of("chapter/histogram.png").number is None
    assert caption_of("chapter/3-07_.png").title == "3-07_"
