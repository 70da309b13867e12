"""What the page says of what was measured on held-out images."""

from pathlib import Path

import pytest
from tiny_run import EVALUATION, collect_run, evaluation_of, write_json, write_run

from latent.params import Params
from latent.report import evaluation
from latent.report.tables import Table


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path)
    return tmp_path


def line(table: Table | None, beginning: str) -> list[str]:
    assert table is not None
    (row,) = [row for row in table.rows if row[0] == beginning]
    return row


def test_the_claims_stand_with_their_numbers_and_whether_they_hold(
    root: Path, params: Params
) -> None:
    table = evaluation.claims(collect_run(root, params))
    (holes,) = [row for row in table.rows if "has holes" in row[0]]
    assert holes[2:] == ["44.6 %", "2.0 %", "yes"]
    (edits,) = [row for row in table.rows if row[0].startswith("An attribute vector")]
    assert edits[2:] == ["–", "14 of 20 (by chance: 3)", "yes"]


def test_likelihoods_stand_in_nats_and_bits_with_beta(root: Path, params: Params) -> None:
    results = collect_run(root, params)
    section = params.train_vae.fashion
    table = evaluation.likelihood(results.models["vae_fashion"], section, params.evaluate)
    assert line(table, "ELBO")[1:3] == ["−262.75", "−0.3702"]
    assert "2.048 times the KL" in line(table, "ELBO, weighted as trained")[3]
    assert "of 100 images" in line(table, "bound of 50 samples")[3]
    assert line(table, "binary cross-entropy’s floor")[1:3] == ["190.25", "0.2680"]
    assert "pseudo-likelihood" in table.note
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_an_autoencoder_has_no_bound(root: Path, params: Params) -> None:
    model = collect_run(root, params).models["ae_fashion"]
    table = evaluation.likelihood(model, params.train_ae.fashion, params.evaluate)
    assert [row[0] for row in table.rows] == ["−log p(x | z)", "binary cross-entropy’s floor"]


def test_gaussian_likelihoods_are_called_densities(root: Path, params: Params) -> None:
    model = collect_run(root, params).models["vae_faces"]
    table = evaluation.likelihood(model, params.train_vae.faces, params.evaluate)
    assert "Densities" in table.note
    assert "variance 1" in line(table, "−log p(x | z)")[3]


def test_holes_are_told_by_where_points_are_drawn(root: Path, params: Params) -> None:
    table = evaluation.latent_space(collect_run(root, params).models["ae_fashion"])
    holes = [row[1:] for row in table.rows if row[0] == "in holes"]
    assert [share for share, _ in holes] == ["2.0 %", "44.6 %", "21.5 %"]
    assert "box" in holes[1][1]
    assert line(table, "unlike N(0, 1)")[1] == "1 of 2"
    assert "some point: number 2" in line(table, "unlike N(0, 1)")[2]
    assert "farther than 0.4" in table.note


def test_a_space_of_many_dimensions_has_no_number_for_holes(root: Path, params: Params) -> None:
    few = {key: value for key, value in evaluation_of("vae_faces").items() if "/ho" not in key}
    few = {key: value for key, value in few.items() if "/favour" not in key}
    write_json(root / "reports/metrics/vae_faces_evaluation.json", few)
    table = evaluation.latent_space(collect_run(root, params).models["vae_faces"])
    assert len(table.rows) == 5
    assert table.note == ""


def test_samples_stand_beside_their_floor_with_what_the_judge_is_worth(
    root: Path, params: Params
) -> None:
    table = evaluation.samples(collect_run(root, params).models["vae_fashion"])
    assert table is not None
    assert table.rows[-1][0].startswith("training images")
    assert "91.2 %" in table.note
    assert "No number here compares with an FID" in table.note


def test_without_a_judge_the_page_says_so(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", EVALUATION)
    write_json(root / "reports/metrics/vae_faces_edits.json", {"evaluate/edits/judged": 0})
    results = collect_run(root, params)
    assert evaluation.samples(results.models["ae_fashion"]) is None
    assert evaluation.edits(results.models["vae_faces"]) is None
    undecided = [row for row in evaluation.claims(results).rows if row[-1] == "not measured"]
    assert len(undecided) == 3


def test_edits_are_counted_for_each_kind_of_vectors(root: Path, params: Params) -> None:
    table = evaluation.edits(collect_run(root, params).models["vae_faces"])
    assert table is not None
    assert [row[1:] for row in table.rows] == [
        ["14 of 20", "11 of 20", "87.6 %", "0.043"],
        ["3 of 20", "2 of 20", "90.0 %", "0.050"],
    ]
    assert table.note.startswith("20 of 40 attributes can be judged")


def test_noise_is_told_of_where_there_was_some(root: Path, params: Params) -> None:
    model = collect_run(root, params).models["ae_fashion"]
    assert evaluation.denoising(model) is None
    psnr = {f"evaluate/psnr_{name}": 10.456 for name in ("noisy", "denoised", "reconstructed")}
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", evaluation_of("ae") | psnr)
    table = evaluation.denoising(collect_run(root, params).models["ae_fashion"])
    assert table is not None
    assert [row[1] for row in table.rows] == ["10.46"] * 3
