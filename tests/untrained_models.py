"""Untrained models in a project, for the tests of the programs that use models."""

import keras

from latent.io.dataset import read_record
from latent.io.files import write_json
from latent.io.paths import ModelPaths
from latent.latent_space.attribute_vectors import find_attribute_vectors, write_vectors
from latent.latent_space.embedding import embed_dataset
from latent.models.networks import build_decoder, build_encoder, build_variational_encoder
from latent.models.storage import save_model
from latent.params import TrainAE
from latent.training.provenance import describe_provenance

CONTRAST = 3  # an untrained decoder's images are nearly of one colour


def write_model(paths: ModelPaths, architecture: TrainAE, seed: int = 1) -> None:
    """Write an untrained model, its embeddings and its attribute vectors.

    Args:
        paths: outs of the model. The processed dataset exists.
        architecture: parameters of the training.
        seed: seed of the weights.
    """
    record = read_record(paths.dataset.processed)
    shape = tuple(record["shape"])
    kind, _, dataset = paths.name.partition("_")
    keras.utils.set_random_seed(seed)
    if kind == "vae":
        encoder = build_variational_encoder(architecture, shape, seed)
    else:
        encoder = build_encoder(architecture, shape)
    decoder = build_decoder(architecture, shape)
    decoder.set_weights([CONTRAST * weights for weights in decoder.get_weights()])
    paths.model.mkdir(parents=True, exist_ok=True)
    save_model(encoder, paths.model / "encoder.keras")
    save_model(decoder, paths.model / "decoder.keras")
    parameters = {
        f"train_{kind}.{dataset}.{name}": value for name, value in architecture.model_dump().items()
    }
    write_json(paths.provenance, describe_provenance(record, parameters))
    embed_dataset(paths, 1000)
    if dataset == "faces":
        vectors = find_attribute_vectors(paths.embeddings, paths.dataset.processed)
        write_vectors(vectors, paths.attribute_vectors)
