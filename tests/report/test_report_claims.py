"""Whether claims hold, given numbers for which that is known."""

import pytest

from latent.report.claims import HEADS, RULES, Claim, as_markdown, check_claims

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
    """Return the claims by their first words, given other numbers of some models."""
    numbers = {"ae_fashion": AE, "vae_fashion": VAE, "vae_faces": FACES}
    changed = {
        model: {f"evaluate/{key}": value for key, value in (own | changes.get(model, {})).items()}
        for model, own in numbers.items()
    }
    return {claim.claim: claim for claim in check_claims(changed)}


def verdict(beginning: str, **changes: dict[str, float]) -> str:
    (found,) = [claim for name, claim in claims(**changes).items() if name.startswith(beginning)]
    return found.verdict


def test_numbers_as_the_chapter_would_have_them_bear_its_claims_out() -> None:
    found = claims()
    assert [claim.verdict for claim in found.values()] == [*["yes"] * 6, "no", *["yes"] * 3, "no"]
    centred = next(iter(found.values()))
    assert (centred.autoencoder, centred.vae) == ("4.90", "0.10")


@pytest.mark.parametrize(
    ("beginning", "change", "expected"),
    [
        ("A VAE’s space is centred", {"vae_fashion": {"mean_abs_max": 0.3}}, "of the autoencoder"),
        ("A VAE’s space is centred", {"ae_fashion": {"mean_abs_max": 0.2}}, "of the VAE"),
        ("A VAE’s space is as wide", {"vae_fashion": {"std_min": 0.7}}, "of the autoencoder"),
        ("A VAE’s space is as wide", {"ae_fashion": {"std_min": 1, "std_max": 1.2}}, "of the VAE"),
        ("An autoencoder’s space has holes", {"vae_fashion": {"holes/prior": 0.06}}, "of the auto"),
        ("An autoencoder’s space has holes", {"ae_fashion": {"holes/box": 0.04}}, "of the VAE"),
        (
            "An autoencoder’s space has holes",
            {"ae_fashion": {"holes/gaussian": 0.04}},
            "of the VAE",
        ),
        ("An autoencoder gives", {"ae_fashion": {"class_imbalance/box": 0.09}}, "of the VAE"),
        ("Fewer", {"vae_fashion": {"prior/malformed": 0.39}}, "no"),
        ("Fewer", {"vae_fashion": {"prior/malformed": 0.35}}, "yes"),
        (
            "Fewer",
            {"ae_fashion": {"compared": 100}, "vae_fashion": {"prior/malformed": 0.35}},
            "no",
        ),
        # Fewer than what is as rare as among real images says nothing.
        ("Fewer", {"ae_fashion": {"real_images/malformed": 0.37}}, "no"),
        ("Fewer", {"ae_fashion": {"real_images/malformed": 0.35}}, "yes"),
        ("Faces", {"vae_faces": {"prior/precision": 0.8}}, "no"),
        ("… and as varied", {"vae_faces": {"prior/coverage": 0.9}}, "yes"),
        ("… and all together", {"vae_faces": {"prior/frechet": 3.1}}, "no"),
        ("The dimensions", {"vae_faces": {"unlike_prior": 11}}, "no"),
        # Taking alone is not what the chapter shows.
        ("An attribute vector", {"vae_faces": {"edits/means/flipped_adds": 9}}, "no"),
        (
            "An attribute vector",
            {"vae_faces": {"edits/tried_adds": 0, "edits/means/flipped_adds": 0}},
            "not measured",
        ),
        ("… and little else", {"vae_faces": {"edits/means/selective": 7}}, "yes"),
        (
            "… and little else",
            {"vae_faces": {"edits/means/selective": 7, "edits/keeps_gain_error": 0.06}},
            "no",
        ),
        (
            "… and little else",
            {"vae_faces": {"edits/means/selective": 0, "edits/means/flipped": 0}},
            "no",
        ),
        (
            "… and little else",
            {"vae_faces": {"edits/tried": 0, "edits/means/selective": 0, "edits/means/flipped": 0}},
            "not measured",
        ),
    ],
)
def test_other_numbers_decide_otherwise(
    beginning: str, change: dict[str, dict[str, float]], expected: str
) -> None:
    assert verdict(beginning, **change).startswith(expected)


def test_both_halves_may_fail() -> None:
    change = {"ae_fashion": {"mean_abs_max": 0.0}, "vae_fashion": {"mean_abs_max": 1.0}}
    assert verdict("A VAE’s space is centred", **change) == "no"


def test_what_was_not_measured_is_not_decided() -> None:
    found = check_claims({"ae_fashion": {"evaluate/mean_abs_max": 4.9}})
    assert len(found) == len(RULES)
    assert {claim.verdict for claim in found} == {"not measured"}
    assert (found[0].autoencoder, found[0].vae) == ("4.90", "–")


def test_a_claim_of_a_vae_alone_has_no_number_of_an_autoencoder() -> None:
    assert {claim.autoencoder for claim in list(claims().values())[5:]} == {"–"}


def test_the_table_is_one_that_markdown_reads() -> None:
    lines = as_markdown(check_claims({})).splitlines()
    assert len(lines) == 2 + len(RULES)
    assert {line.count("|") for line in lines} == {len(HEADS) + 1}
    assert lines[1] == "| --- | --- | --- | --- | --- |"
