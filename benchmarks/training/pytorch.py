"""The same VAE in PyTorch, eager or compiled: `python -m benchmarks.training.pytorch … eager`."""

import math
import sys
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.training.worker import Worker
from benchmarks.training.workload import MOMENTUM, parse_workload, scale
from latent.params import TrainVAE

# Default values of Keras that differ from those of PyTorch.
LEAK = 0.3
NORM_EPSILON = 1e-3
ADAM_EPSILON = 1e-7


class VAE(nn.Module):
    """Encoder and decoder (tables 3-2 and 3-4, or 3-5 and 3-6). A call returns the loss."""

    def __init__(self, params: TrainVAE, shape: Sequence[int]) -> None:
        super().__init__()
        self.params = params
        height, width, channels = shape
        filters = params.filters
        factor = 2 ** len(filters)
        smallest = (filters[-1], height // factor, width // factor)
        features = math.prod(smallest)

        # With stride 2, a padding of 1 is equivalent to TensorFlow's "same" on mirrored images. It
        # affects the first row and column, while TensorFlow pads after the last ones.
        convolutions: list[nn.Module] = []
        for inputs, outputs in zip([channels, *filters], filters, strict=False):
            convolution = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
            convolutions += block(params.block, outputs, convolution)
        self.encoder = nn.ModuleDict(
            {
                "features": nn.Sequential(*convolutions, nn.Flatten()),
                "z_mean": nn.Linear(features, params.latent_dim),
                "z_log_var": nn.Linear(features, params.latent_dim),
            }
        )

        layers = [nn.Linear(params.latent_dim, features), *block(params.dense_block, features)]
        layers.append(nn.Unflatten(1, smallest))
        backwards = filters[::-1]
        for inputs, outputs in zip([filters[-1], *backwards], backwards, strict=False):
            convolution = nn.ConvTranspose2d(
                inputs, outputs, 3, stride=2, padding=1, output_padding=1
            )
            layers += block(params.block, outputs, convolution)
        output = nn.Conv2d if params.output == "conv" else nn.ConvTranspose2d
        layers += [output(filters[0], channels, 3, padding=1), nn.Sigmoid()]
        self.decoder = nn.Sequential(*layers)
        self.apply(initialise)

    def forward(self, images: Tensor) -> Tensor:
        """Return the mean loss of float32 images (N, C, H, W)."""
        features = self.encoder["features"](images)
        z_mean, z_log_var = self.encoder["z_mean"](features), self.encoder["z_log_var"](features)
        z = z_mean + torch.exp(0.5 * z_log_var) * torch.randn_like(z_mean)
        reconstructions = self.decoder(z)
        if self.params.loss == "bce":
            reconstruction = functional.binary_cross_entropy(reconstructions, images)
        else:
            reconstruction = functional.mse_loss(reconstructions, images)
        terms = 1 + z_log_var - z_mean.square() - z_log_var.exp()
        kl = torch.mean(-0.5 * terms.sum(dim=1))
        return self.params.reconstruction_weight * reconstruction + kl


def block(
    names: Sequence[str], channels: int, convolution: nn.Module | None = None
) -> list[nn.Module]:
    """Return the named layers.

    Args:
        names: Layers in order: "conv", "batch_norm", "relu" or "leaky_relu".
        channels: Number of input channels of all layers except the convolution.
        convolution: The layer for "conv". Without it, the layers process vectors.
    """
    norm = nn.BatchNorm2d if convolution else nn.BatchNorm1d
    kinds = {
        "conv": lambda: convolution,
        # In PyTorch the momentum is the weight of the new value.
        "batch_norm": lambda: norm(channels, eps=NORM_EPSILON, momentum=1 - MOMENTUM),
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(LEAK),
    }
    return [kinds[name]() for name in names]


def initialise(module: nn.Module) -> None:
    """Initialise the weights of a layer as Keras does."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def count_parameters(module: nn.Module) -> int:
    """Return the number of parameters, including moving means and variances."""
    return sum(value.numel() for value in module.state_dict().values() if value.is_floating_point())


def main(compiled: bool) -> None:
    """Train until there are no more turns."""
    worker, workload = Worker(), parse_workload()
    params = workload.params
    torch.set_num_threads(workload.threads)
    torch.manual_seed(params.seed)
    images, test_images = (
        torch.from_numpy(scale(split)).permute(0, 3, 1, 2)
        for split in (workload.images, workload.test_images)
    )
    vae = VAE(params, workload.images.shape[1:]).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(
        vae.parameters(), params.learning_rate, eps=ADAM_EPSILON, fused=True
    )
    worker.describe(
        library=f"torch {torch.__version__}",
        parameters=[count_parameters(vae.encoder), count_parameters(vae.decoder)],
    )
    step = torch.compile(vae) if compiled else vae
    while True:
        worker.begin()
        losses = []
        for rows in torch.randperm(len(images)).split(params.batch_size):
            optimizer.zero_grad()
            loss = step(images[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        mean = torch.stack(losses).mean().item()
        worker.stop()
        vae.eval()
        with torch.no_grad():
            test_loss = vae(test_images).item()
        vae.train()
        worker.report(loss=mean, test_loss=test_loss)


if __name__ == "__main__":
    main(sys.argv[3] == "compiled")
