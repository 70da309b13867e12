"""Captions of the figures: what each figure shows, and what to look for in it.

The keys of the dictionaries are paths relative to reports/figures. Their order is the order of the
figures in the report: that of the chapter, with the project's additional figures in between.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """The caption of a figure.

    Attributes:
        number: number of the figure in the chapter; None for an additional figure.
        title: short title.
        text: what to look for in the figure.
        alt: alternative text for readers who cannot see the figure.
    """

    number: str | None
    title: str
    text: str
    alt: str


def training(folder: str, losses: str, samples: str) -> dict[str, Caption]:
    """Return the captions of the figures that exist for every trained model.

    Args:
        folder: folder of the model's figures.
        losses: what to look for in the loss curves of this model.
        samples: what to look for in the images decoded after each epoch.
    """
    title = "Fixed points of the latent space, decoded after each epoch"
    return {
        f"{folder}/training_curves.png": Caption(
            None,
            "Loss after each epoch",
            f"{losses} If the loss on the test images rises while the loss on the training images "
            "falls, the model overfits. If the losses still fall in the last epoch, more epochs "
            "would help.",
            "Line chart of the loss on training images and on test images after each epoch.",
        ),
        f"{folder}/samples_by_epoch.png": Caption(
            None,
            title,
            f"The points are sampled once from N(0, I) and decoded after every epoch. {samples}",
            "Images decoded from the same points, one row per epoch.",
        ),
        f"{folder}/samples_by_epoch.gif": Caption(
            None,
            f"{title} (animation)",
            "",
            "Animation of the images decoded from the same points, one frame per epoch.",
        ),
    }


def kl_per_dimension(folder: str, text: str) -> dict[str, Caption]:
    """Return the caption of the figure of a VAE's KL divergence per latent dimension."""
    return {
        f"{folder}/kl_per_dimension.png": Caption(
            None,
            "KL divergence of each latent dimension",
            f"The KL loss is the sum of these values, in nats. {text}",
            "Chart of the mean KL divergence of each latent dimension, in nats.",
        )
    }


VAE_LOSSES = (
    "The total loss and the reconstruction loss should fall. The KL loss may rise: the "
    "distributions of different images can only be distinguished if they differ from the prior."
)

AUTOENCODER = {
    "ae_fashion/3-02_embeddings.png": Caption(
        "3-2",
        "Latent space of the autoencoder",
        "Each dot is the embedding of a test image. Nothing in the loss forces the embeddings to "
        "be centred on the origin, to spread equally in all directions or to leave no gaps.",
        "Scatter plot of the latent space, one black dot per test image.",
    ),
    "ae_fashion/3-03_items.png": Caption(
        "3-3",
        "Test images of each class",
        "The autoencoder is trained on images like these, without their class labels.",
        "Test images, one column per class, with the class names above.",
    ),
    "ae_fashion/3-04_architecture.png": Caption(
        "3-4",
        "Architecture of the autoencoder",
        "Each block of the encoder halves the height and the width of the image. The last layer "
        "outputs the embedding, which has one number per latent dimension. The decoder reverses "
        "these steps: it reconstructs the image from the embedding alone.",
        "Diagram of the layers of encoder and decoder, with their output shapes.",
    ),
    **training(
        "ae_fashion",
        "Both losses should fall and stay close to each other.",
        "The autoencoder’s loss does not keep the embeddings close to N(0, I). A point outside the "
        "point cloud of figure 3-2 therefore need not decode to an item of clothing.",
    ),
    "ae_fashion/3-06_reconstructions.png": Caption(
        "3-6",
        "Test images and their reconstructions",
        "Shape and brightness should be preserved. A small latent space loses details such as "
        "prints, laces and straps. Look for items that are reconstructed as an item of a similar "
        "class.",
        "Two rows of images: test images above, their reconstructions below.",
    ),
    "ae_fashion/denoised.png": Caption(
        None,
        "Denoising: test images, noisy test images and denoised images",
        "The autoencoder was trained to reconstruct the original image from a noisy one. The "
        "denoised images should be as clean as the reconstructions in figure 3-6, and of the same "
        "class as the originals.",
        "Three rows of images: originals, the same images with noise, and the denoised images.",
    ),
    "ae_fashion/3-07_embeddings_by_label.png": Caption(
        "3-7",
        "Latent space of the autoencoder, coloured by class",
        "Each class should form a region of its own, although training used no labels. Look for "
        "regions of different sizes, for classes that overlap because they look alike, and for "
        "gaps between the regions.",
        "Scatter plot of the latent space, one dot per test image, coloured by class.",
    ),
    "ae_fashion/3-08_generated.png": Caption(
        "3-8",
        "Generated images: points sampled from the bounding box of the embeddings",
        "Compare each numbered point with the image decoded from it. Points close to embeddings "
        "should decode to items of clothing. Points in gaps or outside the point cloud often do "
        "not. Classes with a large region are generated more often than others.",
        "Scatter plot with numbered points, and below it the image decoded from each point.",
    ),
    "ae_fashion/3-09_decoded_grid.png": Caption(
        "3-9",
        "Images decoded from a grid over the latent space",
        "Follow a row from left to right: how gradually does one item change into another? In "
        "regions without dots the decoder was never trained, so images there are often malformed.",
        "Grid of decoded images on top of the scatter plot of the test images.",
    ),
}

VAE_FASHION = {
    "vae_fashion/3-10_architecture.png": Caption(
        "3-10",
        "Architecture of the variational autoencoder",
        "Only the end of the encoder differs from the autoencoder. It outputs the mean and the log "
        "variance of a normal distribution in each latent dimension. The decoder receives a point "
        "sampled from this distribution.",
        "Diagram of the layers of encoder, sampling and decoder, with their output shapes.",
    ),
    "chapter/3-11_normal_densities.png": Caption(
        "3-11",
        "Densities of normal distributions",
        "The mean shifts the curve. A larger variance makes it wider and lower. The KL term of a "
        "VAE’s loss measures how far the distribution of each image is from the standard normal "
        "distribution.",
        "Density curves of normal distributions with several means and variances.",
    ),
    **training(
        "vae_fashion",
        VAE_LOSSES,
        "Recognizable items should appear within the first epochs, because the KL term keeps the "
        "embeddings close to N(0, I). Later epochs make the images sharper.",
    ),
    "vae_fashion/reconstructions.png": Caption(
        None,
        "Test images and their reconstructions",
        "Compare with figure 3-6. During training, the decoder receives a point sampled near the "
        "mean instead of a fixed point. The reconstructions are therefore no sharper, and often "
        "blurrier, than those of the autoencoder.",
        "Two rows of images: test images above, their reconstructions below.",
    ),
    "vae_fashion/3-13_embeddings_and_samples.png": Caption(
        "3-13",
        "Generated images: points sampled from the standard normal distribution",
        "The embeddings should be centred on the origin, spread equally in all directions and "
        "leave no large gaps. Points sampled from N(0, I) are then in regions where the decoder "
        "was trained. Count the malformed images and compare with figure 3-8.",
        "Scatter plot with numbered points, and below it the image decoded from each point.",
    ),
    "vae_fashion/3-14_by_label_and_p_values.png": Caption(
        "3-14",
        "Latent space of the VAE and its p-values, coloured by class",
        "The right plot shows the p-value of each coordinate under N(0, 1). If the embeddings "
        "followed the standard normal distribution, they would fill the square evenly. Look for "
        "classes that occupy more than their share, and for empty corners.",
        "Two scatter plots coloured by class: the latent space, and its p-values.",
    ),
    "vae_fashion/3-14_decoded_grid.png": Caption(
        "3-14",
        "Images decoded from evenly spaced p-values",
        "Compare with figure 3-9. Fewer images should be malformed, and one item should change "
        "into another more gradually.",
        "Grid of images decoded from evenly spaced p-values, with the test images as dots.",
    ),
    **kl_per_dimension(
        "vae_fashion",
        "In a latent space of two dimensions, both values should be well above 0. The decoder "
        "ignores a dimension whose KL divergence is 0.",
    ),
    "chapter/ae_and_vae_embeddings.png": Caption(
        None,
        "Latent spaces of the autoencoder and the VAE",
        "Compare the centres of the two point clouds, the ranges of their coordinates and the gaps "
        "between the classes.",
        "Two scatter plots coloured by class: latent space of the autoencoder and of the VAE.",
    ),
}
