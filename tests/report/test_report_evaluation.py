"""What the page says of what was measured on held-out images."""

import math
from pathlib import Path

import pandas as pd
import pytest
from tiny_run import EDITS, EVALUATION, evaluation_of, write_json, write_run

from latent.evaluate_edits.measure import edit_metrics
from latent.params import Params
from latent.report import evaluation
from latent.report.collect import collect
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
    table = evaluation.claims(collect(params, root))
    (holes,) = [row for row in table.rows if "has holes" in row[0]]
    assert holes[2:] == ["44.6 %, 21.5 %", "2.0 %", "yes"]
    (edits,) = [row for row in table.rows if row[0].startswith("An attribute vector")]
    assert edits[2:] == ["–", "given: 11 of 19, taken: 14 of 18 (by chance: 0, 3)", "yes"]
    (little,) = [row for row in table.rows if "little else" in row[0]]
    assert little[3] == "11 of 14, 87.6 % (by chance: 90.0 %; gain: −2.4 % ± 1.1 %)"


def test_likelihoods_stand_in_nats_and_bits_with_beta(root: Path, params: Params) -> None:
    results = collect(params, root)
    section = params.train_vae.fashion
    table = evaluation.likelihood(results.models["vae_fashion"], section, params.evaluate)
    assert line(table, "ELBO")[1:3] == ["−262.75", "−0.3702"]
    assert "2.048 times the KL" in line(table, "ELBO, weighted as trained")[3]
    assert "of 100 images" in line(table, "bound of 50 samples")[3]
    assert line(table, "binary cross-entropy’s floor")[1:3] == ["190.25", "0.2680"]
    assert "pseudo-likelihood" in table.note
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_an_autoencoder_has_no_bound(root: Path, params: Params) -> None:
    model = collect(params, root).models["ae_fashion"]
    table = evaluation.likelihood(model, params.train_ae.fashion, params.evaluate)
    assert [row[0] for row in table.rows] == ["−log p(x | z)", "binary cross-entropy’s floor"]


def test_gaussian_likelihoods_are_called_densities(root: Path, params: Params) -> None:
    model = collect(params, root).models["vae_faces"]
    table = evaluation.likelihood(model, params.train_vae.faces, params.evaluate)
    assert "Densities" in table.note
    assert "variance 1" in line(table, "−log p(x | z)")[3]


def test_holes_are_told_by_where_points_are_drawn(root: Path, params: Params) -> None:
    table = evaluation.latent_space(collect(params, root).models["ae_fashion"])
    holes = [row[1:] for row in table.rows if row[0] == "in holes"]
    assert [share for share, _ in holes] == ["2.0 %", "44.6 %", "21.5 %"]
    assert "box" in holes[1][1]
    assert line(table, "unlike N(0, 1)")[1] == "1 of 2"
    assert "some point: number 2" in line(table, "unlike N(0, 1)")[2]
    assert "farther than 0.4" in table.note


def test_a_space_of_many_dimensions_has_no_number_for_holes(root: Path, params: Params) -> None:
    few = {key: value for key, value in evaluation_of("vae_faces").items() if "/ho" not in key}
    few = {key: value for key, value in few.items() if "/class_imbalance" not in key}
    write_json(root / "reports/metrics/vae_faces_evaluation.json", few)
    table = evaluation.latent_space(collect(params, root).models["vae_faces"])
    assert len(table.rows) == 5
    assert table.note == ""


def test_samples_stand_beside_their_floor_with_what_the_classifier_is_worth(
    root: Path, params: Params
) -> None:
    table = evaluation.samples(collect(params, root).models["vae_fashion"])
    assert table is not None
    assert table.rows[-1][0].startswith("training images")
    assert "91.2 %" in table.note
    assert "overlooks blur" in table.note
    assert "No number here compares with an FID" in table.note


def test_without_a_classifier_the_page_says_so(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", EVALUATION)
    write_json(root / "reports/metrics/vae_faces_edits.json", {"evaluate/edits/recognized": 0})
    results = collect(params, root)
    assert evaluation.samples(results.models["ae_fashion"]) is None
    assert evaluation.edits(results.models["vae_faces"]) is None
    undecided = [row for row in evaluation.claims(results).rows if row[-1] == "not measured"]
    assert len(undecided) == 3


def test_edits_are_counted_for_each_kind_of_vectors(root: Path, params: Params) -> None:
    table = evaluation.edits(collect(params, root).models["vae_faces"])
    assert table is not None
    assert [row[1:] for row in table.rows] == [
        ["14 of 19", "11 of 19", "87.6 %", "0.043"],
        ["3 of 19", "2 of 19", "90.0 %", "0.050"],
    ]
    assert table.note.startswith("20 of 40 attributes can be judged")


def edits_of(attributes: list[str], keeps: float) -> dict[str, float]:
    """Return the metrics of edits that do what they are for."""
    edits = pd.DataFrame(
        [
            (kind, name, alpha, 20, float(kind == "means"), keeps + gain, 0.1)
            for kind, more in (("means", 0.1), ("shuffled", 0.0))
            for name, gain in zip(attributes, (more, 0.9 * more), strict=False)
            for alpha in (-1.0, 1.0)
        ],
        columns=["vectors", "attribute", "alpha", "images", "flips", "keeps", "moves"],
    )
    metrics = edit_metrics(pd.DataFrame({"attribute": attributes}), edits)
    return {f"evaluate/{name}": value for name, value in metrics.items()}


def test_a_mean_of_nothing_is_a_dash(root: Path, params: Params) -> None:
    some = {key: EDITS[key] for key in EDITS if not key.endswith(("means/keeps", "means/moves"))}
    write_json(root / "reports/metrics/vae_faces_edits.json", some)
    table = evaluation.edits(collect(params, root).models["vae_faces"])
    assert line(table, evaluation.VECTORS["means"])[3:] == ["–", "–"]


def test_one_attribute_alone_can_change_nothing_else(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/vae_faces_edits.json", edits_of(["Male"], math.nan))
    results = collect(params, root)
    table = evaluation.edits(results.models["vae_faces"])
    assert line(table, evaluation.VECTORS["means"])[1:] == ["1 of 1", "1 of 1", "–", "0.100"]
    *_, changes, little = evaluation.claims(results).rows
    assert changes[3:] == ["given: 1 of 1, taken: 1 of 1 (by chance: 0, 0)", "yes"]
    assert little[3:] == ["–", "not measured"]


def test_of_two_attributes_each_is_another(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/vae_faces_edits.json", edits_of(["Male", "Young"], 0.8))
    results = collect(params, root)
    table = evaluation.edits(results.models["vae_faces"])
    assert line(table, evaluation.VECTORS["means"])[1:] == ["2 of 2", "2 of 2", "89.5 %", "0.100"]
    little = evaluation.claims(results).rows[-1]
    assert little[3:] == ["2 of 2, 89.5 % (by chance: 80.0 %; gain: 9.5 % ± 0.5 %)", "yes"]


def test_how_far_an_edit_must_go_stands_for_each_attribute(root: Path, params: Params) -> None:
    models = collect(params, root).models
    table = evaluation.reach(models["vae_faces"])
    assert table is not None
    assert table.rows == [["Blond Hair", "never", "−2.5"], ["Male", "3", "–"]]
    assert evaluation.reach(models["vae_fashion"]) is None


def test_noise_is_told_of_where_there_was_some(root: Path, params: Params) -> None:
    model = collect(params, root).models["ae_fashion"]
    assert evaluation.denoising(model) is None
    psnr = {f"evaluate/psnr_{name}": 10.456 for name in ("noisy", "denoised", "reconstructed")}
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", evaluation_of("ae") | psnr)
    table = evaluation.denoising(collect(params, root).models["ae_fashion"])
    assert table is not None
    assert [row[1] for row in table.rows] == ["10.46"] * 3
