from benchmarks.training.count import count_multiply_adds
from latent.models.networks import build_decoder, build_variational_encoder
from latent.params import Params


def test_count_matches_the_tables_of_the_chapter(params: Params) -> None:
    encoder = build_variational_encoder(params.train_vae.fashion, (32, 32, 1), seed=0)
    decoder = build_decoder(params.train_vae.fashion, (32, 32, 1))
    # Tables 3-4 and 3-2: positions × kernel × channels in × channels out.
    first = 16 * 16 * 9 * 1 * 32
    convolutions = first + 8 * 8 * 9 * 32 * 64 + 4 * 4 * 9 * 64 * 128
    dense = 2 * 2048 * 2 + 2 * 2048
    transposed = 4 * 4 * 9 * 128 * 128 + 8 * 8 * 9 * 128 * 64 + 16 * 16 * 9 * 64 * 32
    output = 32 * 32 * 9 * 32 * 1
    forward = convolutions + dense + transposed + output
    assert count_multiply_adds(encoder, decoder) == 3 * forward - first


def test_transposed_convolution_as_output_has_the_same_count(params: Params) -> None:
    section = params.train_vae.fashion
    encoder = build_variational_encoder(section, (32, 32, 1), seed=0)
    decoders = (
        build_decoder(section.model_copy(update={"output": output}), (32, 32, 1))
        for output in ("conv", "conv_transpose")
    )
    first, second = (count_multiply_adds(encoder, decoder) for decoder in decoders)
    assert first == second
