"""Tests of the names and descriptions of runs."""

from latent.params import Params
from latent.tracking.descriptions import model_description, run_description, run_name


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


def test_a_models_description_states_type_shape_and_scale_of_inputs_and_outputs() -> None:
    vae, ae = (
        model_description("encoder", (32, 32, 3), outputs)
        for outputs in ([(None, 200)] * 3, (None, 2))
    )
    for description in (vae, ae):
        assert "`images`, uint8 (N, 32, 32, 3), from 0 (black) to 255 (white)" in description
    assert "`z_mean` and `z_log_var`, each float32 (N, 200)" in vae
    assert "`z_mean`, float32 (N, 2)" in ae
    decoder = model_description("decoder", (200,), (None, 32, 32, 3))
    assert "Input: `z`, float32 (N, 200)" in decoder
    assert "Output: `images`, uint8 (N, 32, 32, 3), from 0 (black) to 255 (white)" in decoder
