"""What a person reads of a run before opening it."""

from latent.params import Params
from latent.tracking.descriptions import run_description, run_name


def test_a_run_is_named_after_its_data_and_what_people_vary(params: Params) -> None:
    garments = {"data": {"source": "sample"}, "parameters": params.select("train_ae.fashion")}
    faces = {"data": {"source": "archive"}, "parameters": params.select("train_vae.faces")}
    assert run_name(garments) == "sample, 2-D, 5 epochs"
    assert run_name(faces) == "archive, 200-D, weight 2000, 5 epochs"


def test_a_description_says_whether_the_data_is_real() -> None:
    drawn, real = (run_description("vae_faces", source) for source in ("sample", "archive"))
    assert "drawn sample data" in drawn
    assert "drawn" not in real
    assert "vae_faces_decoder" in real
