"""The tables of the metrics of the evaluation stages."""

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


def find_row(table: Table | None, head: str) -> list[str]:
    assert table is not None
    (row,) = [row for row in table.rows if row[0] == head]
    return row


def test_claims_are_listed_with_values_and_verdict(root: Path, params: Params) -> None:
    table = evaluation.claims(collect(params, root))
    (holes,) = [row for row in table.rows if "has holes" in row[0]]
    assert holes[2:] == ["44.6 %, 21.5 %", "2.0 %", "yes"]
    *_, edits, little = table.rows
    assert edits[0].endswith("changes the attribute")
    assert edits[2:] == ["–", "added: 11 of 19, removed: 14 of 18 (random baseline: 0, 3)", "yes"]
    assert little[0].endswith("changes little else")
    assert little[3] == "11 of 14, 87.6 % (random baseline: 90.0 %; difference: −2.4 % ± 1.1 %)"


def test_likelihood_of_a_vae_has_nats_bits_and_beta(root: Path, params: Params) -> None:
    results = collect(params, root)
    section = params.train_vae.fashion
    table = evaluation.likelihood(results.models["vae_fashion"], section, params.evaluate)
    assert find_row(table, "ELBO")[1:3] == ["−262.75", "−0.3702"]
    assert "2.048 times the KL" in find_row(table, "weighted ELBO")[3]
    assert "on 100 images" in find_row(table, "bound from 50 samples")[3]
    assert find_row(table, "minimum binary cross-entropy")[1:3] == ["190.25", "0.2680"]
    assert "pseudo-likelihood" in table.note
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_likelihood_of_an_autoencoder_has_no_elbo(root: Path, params: Params) -> None:
    model = collect(params, root).models["ae_fashion"]
    table = evaluation.likelihood(model, params.train_ae.fashion, params.evaluate)
    assert [row[0] for row in table.rows] == ["−log p(x | z)", "minimum binary cross-entropy"]


def test_gaussian_likelihood_is_described_as_a_density(root: Path, params: Params) -> None:
    model = collect(params, root).models["vae_faces"]
    table = evaluation.likelihood(model, params.train_vae.faces, params.evaluate)
    assert "Densities" in table.note
    assert "variance 1" in find_row(table, "−log p(x | z)")[3]


def test_holes_are_listed_by_source_of_the_points(root: Path, params: Params) -> None:
    table = evaluation.latent_space(collect(params, root).models["ae_fashion"])
    holes = [row[1:] for row in table.rows if row[0] == "share of points in holes"]
    assert [share for share, _ in holes] == ["2.0 %", "44.6 %", "21.5 %"]
    assert "box" in holes[1][1]
    assert find_row(table, "dimensions unlike N(0, 1)")[1] == "1 of 2"
    assert "above 0.1 (dimensions: 2)" in find_row(table, "dimensions unlike N(0, 1)")[2]
    assert "farther than 0.4" in table.note


def test_latent_space_of_many_dimensions_has_no_holes_metric(root: Path, params: Params) -> None:
    metrics = {
        key: value
        for key, value in evaluation_of("vae_faces").items()
        if "/holes" not in key and "/class_imbalance" not in key
    }
    write_json(root / "reports/metrics/vae_faces_evaluation.json", metrics)
    table = evaluation.latent_space(collect(params, root).models["vae_faces"])
    assert len(table.rows) == 5
    assert table.note == ""


def test_samples_are_listed_with_real_images_and_classifier_accuracy(
    root: Path, params: Params
) -> None:
    table = evaluation.samples(collect(params, root).models["vae_fashion"])
    assert table is not None
    assert table.rows[-1][0].startswith("training images")
    assert "91.2 %" in table.note
    assert "overlooks blur" in table.note
    assert "cannot be compared with an FID" in table.note


def test_without_a_classifier_there_are_no_samples_and_edits(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", EVALUATION)
    write_json(root / "reports/metrics/vae_faces_edits.json", {"evaluate/edits/recognized": 0})
    results = collect(params, root)
    assert evaluation.samples(results.models["ae_fashion"]) is None
    assert evaluation.edits(results.models["vae_faces"]) is None
    not_measured = [row for row in evaluation.claims(results).rows if row[-1] == "not measured"]
    assert len(not_measured) == 3


def test_edits_are_counted_for_each_kind_of_vectors(root: Path, params: Params) -> None:
    table = evaluation.edits(collect(params, root).models["vae_faces"])
    assert table is not None
    assert [row[1:] for row in table.rows] == [
        ["14 of 19", "11 of 19", "87.6 %", "0.043"],
        ["3 of 19", "2 of 19", "90.0 %", "0.050"],
    ]
    assert table.note.startswith("The classifier recognizes 20 of 40 attributes")


def edits_of(attributes: list[str], keeps: float) -> dict[str, float]:
    """Return the metrics of edits that always change the attribute."""
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


def test_missing_mean_is_shown_as_a_dash(root: Path, params: Params) -> None:
    metrics = {k: v for k, v in EDITS.items() if not k.endswith(("means/keeps", "means/moves"))}
    write_json(root / "reports/metrics/vae_faces_edits.json", metrics)
    table = evaluation.edits(collect(params, root).models["vae_faces"])
    assert find_row(table, evaluation.VECTORS["means"])[3:] == ["–", "–"]


def test_single_attribute_has_no_other_decisions(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/vae_faces_edits.json", edits_of(["Male"], math.nan))
    results = collect(params, root)
    table = evaluation.edits(results.models["vae_faces"])
    assert find_row(table, evaluation.VECTORS["means"])[1:] == ["1 of 1", "1 of 1", "–", "0.100"]
    *_, changes, little = evaluation.claims(results).rows
    assert changes[3:] == ["added: 1 of 1, removed: 1 of 1 (random baseline: 0, 0)", "yes"]
    assert little[3:] == ["–", "not measured"]


def test_two_attributes_have_one_other_decision_each(root: Path, params: Params) -> None:
    write_json(root / "reports/metrics/vae_faces_edits.json", edits_of(["Male", "Young"], 0.8))
    results = collect(params, root)
    table = evaluation.edits(results.models["vae_faces"])
    assert find_row(table, evaluation.VECTORS["means"])[1:] == [
        "2 of 2",
        "2 of 2",
        "89.5 %",
        "0.100",
    ]
    little = evaluation.claims(results).rows[-1]
    assert little[3:] == [
        "2 of 2, 89.5 % (random baseline: 80.0 %; difference: 9.5 % ± 0.5 %)",
        "yes",
    ]


def test_smallest_alpha_is_listed_for_each_attribute(root: Path, params: Params) -> None:
    models = collect(params, root).models
    table = evaluation.smallest_alphas(models["vae_faces"])
    assert table is not None
    assert table.rows == [["Blond Hair", "none", "−2.5"], ["Male", "3", "–"]]
    assert evaluation.smallest_alphas(models["vae_fashion"]) is None


def test_denoising_is_listed_only_for_denoising_models(root: Path, params: Params) -> None:
    model = collect(params, root).models["ae_fashion"]
    assert evaluation.denoising(model) is None
    psnr = {f"evaluate/psnr_{name}": 10.456 for name in ("noisy", "denoised", "reconstructed")}
    write_json(root / "reports/metrics/ae_fashion_evaluation.json", evaluation_of("ae") | psnr)
    table = evaluation.denoising(collect(params, root).models["ae_fashion"])
    assert table is not None
    assert [row[1] for row in table.rows] == ["10.46"] * 3
