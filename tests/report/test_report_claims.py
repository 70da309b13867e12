"""Whether claims hold, for metrics with a known outcome."""

import pytest

from latent.report.claims import COLUMNS, RULES, Claim, as_markdown, check_claims

AE = {
    "mean_abs_max": 4.9,
    "std_min": 2.9,
    "std_max": 3.9,
    "holes/box": 0.45,
    "holes/gaussian": 0.2,
    "class_imbalance/box": 0.17,
    "box/malformed": 0.4,
    "real_images/malformed": 0.08,
    "compared": 1000,
}
VAE = {
    "mean_abs_max": 0.1,
    "std_min": 0.9,
    "std_max": 1.1,
    "holes/prior": 0.02,
    "class_imbalance/prior": 0.05,
    "prior/malformed": 0.1,
    "real_images/malformed": 0.08,
    "compared": 1000,
}
FACES = {
    "unlike_prior": 3,
    "latent_dim": 200,
    "prior/precision": 0.9,
    "real_images/precision": 0.95,
    "prior/coverage": 0.2,
    "real_images/coverage": 0.97,
    "edits/tried": 20,
    "edits/tried_adds": 20,
    "edits/tried_removes": 19,
    "edits/means/flipped": 14,
    "edits/means/flipped_adds": 10,
    "edits/means/flipped_removes": 12,
    "edits/means/selective": 5,
    "edits/shuffled/flipped_adds": 0,
    "edits/shuffled/flipped_removes": 2,
    "edits/means/keeps": 0.9,
    "edits/shuffled/keeps": 0.8,
    "edits/keeps_gain": 0.1,
    "edits/keeps_gain_error": 0.04,
    "prior/frechet": 2.9,
    "real_images/frechet": 1.5,
}


def claims(**changes: dict[str, float]) -> dict[str, Claim]:
    """Return the claims by their text, with changed metrics of some models."""
    metrics = {"ae_fashion": AE, "vae_fashion": VAE, "vae_faces": FACES}
    changed = {
        model: {f"evaluate/{key}": value for key, value in (own | changes.get(model, {})).items()}
        for model, own in metrics.items()
    }
    return {claim.claim: claim for claim in check_claims(changed)}


def verdict(beginning: str, **changes: dict[str, float]) -> str:
    (match,) = [claim for name, claim in claims(**changes).items() if name.startswith(beginning)]
    return match.verdict


def test_claims_hold_for_the_values_that_the_chapter_describes() -> None:
    checked = claims()
    assert [claim.verdict for claim in checked.values()] == [*["yes"] * 6, "no", *["yes"] * 3, "no"]
    centred = next(iter(checked.values()))
    assert (centred.autoencoder, centred.vae) == ("4.90", "0.10")


@pytest.mark.parametrize(
    ("beginning", "change", "expected"),
    [
        (
            "A VAE’s latent space is centred",
            {"vae_fashion": {"mean_abs_max": 0.3}},
            "autoencoder only",
        ),
        ("A VAE’s latent space is centred", {"ae_fashion": {"mean_abs_max": 0.2}}, "VAE only"),
        ("A VAE’s latent space is as wide", {"vae_fashion": {"std_min": 0.7}}, "autoencoder only"),
        (
            "A VAE’s latent space is as wide",
            {"ae_fashion": {"std_min": 1, "std_max": 1.2}},
            "VAE only",
        ),
        (
            "An autoencoder’s latent space has holes",
            {"vae_fashion": {"holes/prior": 0.06}},
            "autoencoder only",
        ),
        (
            "An autoencoder’s latent space has holes",
            {"ae_fashion": {"holes/box": 0.04}},
            "VAE only",
        ),
        (
            "An autoencoder’s latent space has holes",
            {"ae_fashion": {"holes/gaussian": 0.04}},
            "VAE only",
        ),
        ("An autoencoder’s classes", {"ae_fashion": {"class_imbalance/box": 0.09}}, "VAE only"),
        ("A VAE generates fewer", {"vae_fashion": {"prior/malformed": 0.39}}, "no"),
        ("A VAE generates fewer", {"vae_fashion": {"prior/malformed": 0.35}}, "yes"),
        (
            "A VAE generates fewer",
            {"ae_fashion": {"compared": 100}, "vae_fashion": {"prior/malformed": 0.35}},
            "no",
        ),
        # The autoencoder’s share must also exceed that of real images.
        ("A VAE generates fewer", {"ae_fashion": {"real_images/malformed": 0.37}}, "no"),
        ("A VAE generates fewer", {"ae_fashion": {"real_images/malformed": 0.35}}, "yes"),
        ("Faces generated", {"vae_faces": {"prior/precision": 0.8}}, "no"),
        ("Generated faces are as varied", {"vae_faces": {"prior/coverage": 0.9}}, "yes"),
        ("Generated faces have the same", {"vae_faces": {"prior/frechet": 3.1}}, "no"),
        ("The latent dimensions", {"vae_faces": {"unlike_prior": 11}}, "no"),
        # Removing attributes is not sufficient.
        (
            "An edit along an attribute vector changes the",
            {"vae_faces": {"edits/means/flipped_adds": 9}},
            "no",
        ),
        (
            "An edit along an attribute vector changes the",
            {"vae_faces": {"edits/tried_adds": 0, "edits/means/flipped_adds": 0}},
            "not measured",
        ),
        (
            "An edit along an attribute vector changes little",
            {"vae_faces": {"edits/means/selective": 7}},
            "yes",
        ),
        (
            "An edit along an attribute vector changes little",
            {"vae_faces": {"edits/means/selective": 7, "edits/keeps_gain_error": 0.06}},
            "no",
        ),
        (
            "An edit along an attribute vector changes little",
            {"vae_faces": {"edits/means/selective": 0, "edits/means/flipped": 0}},
            "no",
        ),
        (
            "An edit along an attribute vector changes little",
            {"vae_faces": {"edits/tried": 0, "edits/means/selective": 0, "edits/means/flipped": 0}},
            "not measured",
        ),
    ],
)
def test_changed_metrics_change_the_verdict(
    beginning: str, change: dict[str, dict[str, float]], expected: str
) -> None:
    assert verdict(beginning, **change) == expected


def test_claim_can_fail_for_both_models() -> None:
    change = {"ae_fashion": {"mean_abs_max": 0.0}, "vae_fashion": {"mean_abs_max": 1.0}}
    assert verdict("A VAE’s latent space is centred", **change) == "no"


def test_missing_metrics_are_reported_as_not_measured() -> None:
    checked = check_claims({"ae_fashion": {"evaluate/mean_abs_max": 4.9}})
    assert len(checked) == len(RULES)
    assert {claim.verdict for claim in checked} == {"not measured"}
    assert (checked[0].autoencoder, checked[0].vae) == ("4.90", "–")


def test_claims_about_faces_have_no_autoencoder_value() -> None:
    assert {claim.autoencoder for claim in list(claims().values())[5:]} == {"–"}


def test_markdown_table_has_equal_numbers_of_cells() -> None:
    lines = as_markdown(check_claims({})).splitlines()
    assert len(lines) == 2 + len(RULES)
    assert {line.count("|") for line in lines} == {len(COLUMNS) + 1}
    assert lines[1] == "| --- | --- | --- | --- | --- |"
