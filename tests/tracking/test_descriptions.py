"""Tests of the names and descriptions of runs."""

from latent.params import Params
from latent.tracking.descriptions import run_description, run_name


def test_a_run_is_named_after_its_data_and_main_hyperparameters(params: Params) -> None:
    fashion = {"data": {"source": "sample"}, "parameters": params.select("train_ae.fashion")}
    faces = {"data": {"source": "archive"}, "parameters": params.select("train_vae.faces")}
    assert run_name(fashion) == "sample, 2-D, 5 epochs"
    assert run_name(faces) == "archive, 200-D, weight 2000, 5 epochs"


def test_a_description_states_whether_the_data_is_real() -> None:
    sample, real = (run_description("vae_faces", source) for source in ("sample", "archive"))
    assert "synthetic sample data" in sample
    assert "synthetic" not in real
    assert "vae_faces_decoder" in real
