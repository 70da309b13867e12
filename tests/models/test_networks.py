"""The networks, compared layer by layer with the chapter's tables, and in other shapes."""

import keras
import numpy as np
import pytest

from latent.errors import InputError
from latent.models.layers import Sampling, bounded
from latent.models.networks import (
    Shape,
    build_decoder,
    build_encoder,
    build_variational_encoder,
    smallest_shape,
)
from latent.models.storage import count_not_trainable, layer_table
from latent.params import Architecture, Params

Table = list[tuple[str, str, int]]

GREY: Shape = (32, 32, 1)
COLOUR: Shape = (32, 32, 3)

# Layer, output shape and parameters, as the chapter prints them.
AE_ENCODER: Table = [  # table 3-1
    ("InputLayer", "32×32×1", 0),
    ("Conv2D", "16×16×32", 320),
    ("Conv2D", "8×8×64", 18_496),
    ("Conv2D", "4×4×128", 73_856),
    ("Flatten", "2048", 0),
    ("Dense", "2", 4_098),
]
FASHION_DECODER: Table = [  # table 3-2
    ("InputLayer", "2", 0),
    ("Dense", "2048", 6_144),
    ("Reshape", "4×4×128", 0),
    ("Conv2DTranspose", "8×8×128", 147_584),
    ("Conv2DTranspose", "16×16×64", 73_792),
    ("Conv2DTranspose", "32×32×32", 18_464),
    ("Conv2D", "32×32×1", 289),
]
VAE_ENCODER: Table = [  # table 3-4
    *AE_ENCODER[:-1],
    ("Dense", "2", 4_098),
    ("Dense", "2", 4_098),
    ("Sampling", "2", 0),
]
FACES_ENCODER: Table = [  # table 3-5
    ("InputLayer", "32×32×3", 0),
    ("Conv2D", "16×16×128", 3_584),
    ("BatchNormalization", "16×16×128", 512),
    ("LeakyReLU", "16×16×128", 0),
    ("Conv2D", "8×8×128", 147_584),
    ("BatchNormalization", "8×8×128", 512),
    ("LeakyReLU", "8×8×128", 0),
    ("Conv2D", "4×4×128", 147_584),
    ("BatchNormalization", "4×4×128", 512),
    ("LeakyReLU", "4×4×128", 0),
    ("Conv2D", "2×2×128", 147_584),
    ("BatchNormalization", "2×2×128", 512),
    ("LeakyReLU", "2×2×128", 0),
    ("Flatten", "512", 0),
    ("Dense", "200", 102_600),
    ("Dense", "200", 102_600),
    ("Sampling", "200", 0),
]
FACES_DECODER: Table = [  # table 3-6
    ("InputLayer", "200", 0),
    ("Dense", "512", 102_912),
    ("BatchNormalization", "512", 2_048),
    ("LeakyReLU", "512", 0),
    ("Reshape", "2×2×128", 0),
    ("Conv2DTranspose", "4×4×128", 147_584),
    ("BatchNormalization", "4×4×128", 512),
    ("LeakyReLU", "4×4×128", 0),
    ("Conv2DTranspose", "8×8×128", 147_584),
    ("BatchNormalization", "8×8×128", 512),
    ("LeakyReLU", "8×8×128", 0),
    ("Conv2DTranspose", "16×16×128", 147_584),
    ("BatchNormalization", "16×16×128", 512),
    ("LeakyReLU", "16×16×128", 0),
    ("Conv2DTranspose", "32×32×128", 147_584),
    ("BatchNormalization", "32×32×128", 512),
    ("LeakyReLU", "32×32×128", 0),
    ("Conv2DTranspose", "32×32×3", 3_459),
]


@pytest.fixture(scope="module")
def chapter(params: Params) -> dict[str, keras.Model]:
    """The chapter's networks, built from params.yaml."""
    ae, vae, faces = params.train_ae.fashion, params.train_vae.fashion, params.train_vae.faces
    return {
        "ae_fashion encoder": build_encoder(ae, GREY),
        "ae_fashion decoder": build_decoder(ae, GREY),
        "vae_fashion encoder": build_variational_encoder(vae, GREY, vae.seed),
        "vae_fashion decoder": build_decoder(vae, GREY),
        "vae_faces encoder": build_variational_encoder(faces, COLOUR, faces.seed),
        "vae_faces decoder": build_decoder(faces, COLOUR),
    }


def rows_of(model: keras.Model) -> Table:
    table = layer_table(model)
    return list(zip(table["layer"], table["output_shape"], table["parameters"], strict=True))


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("ae_fashion encoder", AE_ENCODER),
        ("ae_fashion decoder", FASHION_DECODER),
        ("vae_fashion encoder", VAE_ENCODER),
        ("vae_fashion decoder", FASHION_DECODER),
        ("vae_faces encoder", FACES_ENCODER),
        ("vae_faces decoder", FACES_DECODER),
    ],
)
def test_layers_equal_the_chapters_tables(
    chapter: dict[str, keras.Model], name: str, table: Table
) -> None:
    assert rows_of(chapter[name]) == table


@pytest.mark.parametrize(
    ("name", "parameters", "not_trainable"),
    [
        ("ae_fashion encoder", 96_770, 0),
        ("ae_fashion decoder", 246_273, 0),
        ("vae_fashion encoder", 100_868, 0),
        ("vae_fashion decoder", 246_273, 0),
        ("vae_faces encoder", 653_584, 1_024),
        ("vae_faces decoder", 700_803, 2_048),
    ],
)
def test_parameter_counts_equal_the_chapters(
    chapter: dict[str, keras.Model], name: str, parameters: int, not_trainable: int
) -> None:
    assert chapter[name].count_params() == parameters
    assert count_not_trainable(chapter[name]) == not_trainable


def test_convolutions_have_the_chapters_settings(chapter: dict[str, keras.Model]) -> None:
    for name, model in chapter.items():
        *convolutions, last = [
            layer for layer in model.layers if type(layer).__name__.startswith("Conv2D")
        ]
        if name.endswith("encoder"):
            convolutions.append(last)
        else:
            assert (last.kernel_size, last.strides) == ((3, 3), (1, 1))
            assert last.activation.__name__ == "sigmoid"
        for layer in convolutions:
            assert (layer.kernel_size, layer.strides, layer.padding) == ((3, 3), (2, 2), "same")
            # In the networks for faces, the activation is a layer after batch normalisation.
            assert layer.activation.__name__ == ("linear" if "faces" in name else "relu")


def test_variational_encoder_returns_mean_log_variance_and_sample(
    chapter: dict[str, keras.Model],
) -> None:
    encoder = chapter["vae_fashion encoder"]
    assert [tensor.shape for tensor in encoder.outputs] == [(None, 2)] * 3
    assert encoder.output_names == ["z_mean", "z_log_var", "z"]
    assert isinstance(encoder.get_layer("z"), Sampling)
    # The dense layers are linear, so every point of the latent space is possible.
    assert encoder.get_layer("z_mean").activation.__name__ == "linear"
    # `bounded` does not change values that occur in practice.
    assert encoder.get_layer("z_log_var").activation is bounded
    assert chapter["ae_fashion encoder"].get_layer("z").activation.__name__ == "linear"


@pytest.mark.parametrize(
    "changes",
    [
        {"filters": [8]},
        {"filters": [4, 8, 4, 2, 3]},
        {"latent_dim": 1},
        {"latent_dim": 17},
        {"block": ["conv"]},
        {"block": ["conv", "leaky_relu", "batch_norm"]},
        {"block": ["batch_norm", "relu", "conv"]},
        {"block": ["leaky_relu", "conv", "relu"], "dense_block": ["relu", "batch_norm"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(64, 64, 3), (128, 128, 1), (32, 64, 2)], ids=str)
def test_decoder_mirrors_encoder(
    tiny_architecture: Architecture, changes: dict[str, object], shape: Shape
) -> None:
    architecture = tiny_architecture.model_copy(update=changes)
    encoder, decoder = build_encoder(architecture, shape), build_decoder(architecture, shape)
    assert encoder.input_shape == decoder.output_shape == (None, *shape)
    assert encoder.output_shape == decoder.input_shape == (None, architecture.latent_dim)
    encoder_filters = [
        layer.filters for layer in encoder.layers if "Conv2D" in type(layer).__name__
    ]
    decoder_filters = [
        layer.filters for layer in decoder.layers if "Conv2D" in type(layer).__name__
    ]
    assert encoder_filters == architecture.filters
    assert decoder_filters == [*reversed(architecture.filters), shape[2]]


@pytest.mark.parametrize(
    ("order", "encoder_layers"),
    [
        (["batch_norm", "relu", "conv"], ["BatchNormalization", "ReLU", "Conv2D"]),
        (["conv", "leaky_relu", "batch_norm"], ["Conv2D", "LeakyReLU", "BatchNormalization"]),
        (["conv", "relu", "batch_norm"], ["Conv2D", "BatchNormalization"]),
    ],
    ids=str,
)
def test_layers_are_in_the_order_of_the_block(
    tiny_architecture: Architecture, order: list[str], encoder_layers: list[str]
) -> None:
    architecture = tiny_architecture.model_copy(update={"block": order})
    encoder, decoder = build_encoder(architecture, GREY), build_decoder(architecture, GREY)
    names = [layer for layer, *_ in rows_of(encoder)]
    assert names == ["InputLayer", *encoder_layers * 2, "Flatten", "Dense"]
    mirrored = ["Conv2DTranspose" if name == "Conv2D" else name for name in encoder_layers]
    names = [layer for layer, *_ in rows_of(decoder)]
    assert names[:-1] == ["InputLayer", "Dense", "Reshape", *mirrored * 2]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_networks_for_faces_of_every_image_size(params: Params, size: int) -> None:
    faces, shape = params.train_vae.faces, (size, size, 3)
    assert smallest_shape(faces, shape) == (size // 16, size // 16, 128)
    encoder = build_variational_encoder(faces, shape, faces.seed)
    decoder = build_decoder(faces, shape)
    assert decoder.output_shape == encoder.input_shape == (None, *shape)


@pytest.mark.parametrize("shape", [(30, 32, 1), (32, 30, 1), (2, 2, 1), (33, 33, 3)], ids=str)
def test_sizes_that_cannot_be_halved_are_refused(
    tiny_architecture: Architecture, shape: Shape
) -> None:
    for build in (
        lambda: build_encoder(tiny_architecture, shape),
        lambda: build_variational_encoder(tiny_architecture, shape, 1),
        lambda: build_decoder(tiny_architecture, shape),
    ):
        with pytest.raises(InputError) as caught:
            build()
        message = str(caught.value)
        assert "multiples of 4" in message  # two filters: halved twice
        assert f"{shape[0]}×{shape[1]}" in message
        assert "\n" not in message


def test_message_names_the_multiple_required_by_the_filters(
    tiny_architecture: Architecture,
) -> None:
    deep = tiny_architecture.model_copy(update={"filters": [4] * 5})
    with pytest.raises(InputError, match="multiples of 32"):
        build_encoder(deep, (48, 48, 3))


def test_reconstructions_are_between_0_and_1(tiny_architecture: Architecture) -> None:
    decoder = build_decoder(tiny_architecture, (16, 16, 3))
    z = np.random.default_rng(1).normal(0, 1e4, (20, 2)).astype(np.float32)
    images = decoder.predict_on_batch(z)
    assert images.shape == (20, 16, 16, 3)
    assert images.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    # For distant points the sigmoid saturates, so the outputs come close to both bounds.
    assert images.min() < 0.01
    assert images.max() > 0.99
