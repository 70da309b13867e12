"""What each figure shows, and what to look for in it.

Keys are paths below reports/figures; within a section they stand in the order of the page, which is
that of the chapter's numbers, with the project's own figures where they help most.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """The words below a figure.

    Attributes:
        number: of the chapter's figure; None for one that the chapter does not have.
        title: what the figure is, in a few words.
        text: what to look for.
        alt: the figure for those who do not see it.
    """

    number: str | None
    title: str
    text: str
    alt: str


def training(folder: str, losses: str, samples: str) -> dict[str, Caption]:
    """Return the captions of the figures that every training has.

    Args:
        folder: of the model.
        losses: what to look for in this model's losses.
        samples: what to look for in its samples.
    """
    return {
        f"{folder}/training_curves.png": Caption(
            None,
            "The loss, epoch by epoch",
            f"{losses} A line of test images that turns upwards while that of training images "
            "falls means that the model learns the latter by heart; lines that still fall at the "
            "right edge mean that more epochs would help.",
            "Line chart of the loss on training and on held-out images after each epoch.",
        ),
        f"{folder}/samples_by_epoch.png": Caption(
            None,
            "The same points of the latent space, decoded after each epoch",
            f"The points are drawn once and never change; the decoder does. {samples}",
            "Images decoded from the same few points, a row of them for each epoch.",
        ),
        f"{folder}/samples_by_epoch.gif": Caption(
            None,
            "The same, as an animation",
            "",
            "Animation of the images decoded from the same few points, one frame per epoch.",
        ),
    }


def kl_per_dimension(folder: str, text: str) -> dict[str, Caption]:
    """Return the caption of a VAE's figure of what each latent dimension costs."""
    return {
        f"{folder}/kl_per_dimension.png": Caption(
            None,
            "What each latent dimension tells",
            f"The KL term is a sum over the dimensions; these are its parts, in nats. {text}",
            "Chart of the mean KL divergence of each latent dimension, in nats.",
        )
    }


VAE_LOSSES = (
    "The sum should fall. Of its parts the reconstruction falls, while the KL loss may well rise: "
    "it is what telling images apart costs."
)

AUTOENCODER = {
    "ae_fashion/3-02_embeddings.png": Caption(
        "3-2",
        "Test images in the latent space",
        "Each dot is a test image, at the place that the encoder gives it. Look at the outline: "
        "nothing in the loss asks for a cloud that is centred, round or without holes.",
        "Scatter plot of the latent space with a black dot per test image.",
    ),
    "ae_fashion/3-03_items.png": Caption(
        "3-3",
        "Items of each class",
        "What the model gets to see. The names of the classes only sort and colour figures: "
        "training never uses them.",
        "Test images in columns, a column per class, the class names above.",
    ),
    "ae_fashion/3-04_architecture.png": Caption(
        "3-4",
        "The autoencoder",
        "The encoder halves the image’s sides block by block, down to a vector of a few numbers; "
        "the decoder goes the same way back. All that a reconstruction knows of its image has "
        "passed the narrow middle.",
        "Diagram of the layers of encoder and decoder with their sizes.",
    ),
    **training(
        "ae_fashion",
        "Both lines should fall, and stay close to each other.",
        "They come from N(0, I), and nothing brought the garments there: where these points lie "
        "off the cloud of figure 3-2, their images need not be any garment.",
    ),
    "ae_fashion/3-06_reconstructions.png": Caption(
        "3-6",
        "Test images and their reconstructions",
        "Outline and shade should survive; prints, laces and straps are what a small latent space "
        "cannot hold. The telling mistakes are items that come back as a neighbouring class.",
        "Two rows of images: test images above, their reconstructions below.",
    ),
    "ae_fashion/denoised.png": Caption(
        None,
        "Noise, and what is left of it",
        "Training gave the encoder noisy images and asked for the clean ones. What comes back "
        "should be as clean as figure 3-6, and of the same class as the original.",
        "Three rows of images: originals, the same with noise, and without it again.",
    ),
    "ae_fashion/3-07_embeddings_by_label.png": Caption(
        "3-7",
        "The same space, coloured by class",
        "Classes should form areas of their own although training saw no label. Look for areas "
        "of unequal size, for classes that overlap because they look alike, and for empty space "
        "between them.",
        "Scatter plot of the latent space with a dot per test image, coloured by class.",
    ),
    "ae_fashion/3-08_generated.png": Caption(
        "3-8",
        "Points drawn from the embeddings’ bounding box, decoded",
        "Compare the numbered points with their images: those amid the dots should look like "
        "garments, those in a gap or beyond the cloud often like none. Large areas get drawn "
        "more often, so some classes turn up too much.",
        "Scatter plot with numbered points, and below it the image decoded from each point.",
    ),
    "ae_fashion/3-09_decoded_grid.png": Caption(
        "3-9",
        "The latent space, decoded point by point",
        "Walk along a row: how far does a garment stay itself, and how abruptly does it become "
        "another? Where there are no dots, nothing ever asked the decoder to make sense, and "
        "often it does not.",
        "Grid of decoded images over the scatter plot of the test images.",
    ),
}

VAE_FASHION = {
    "vae_fashion/3-10_architecture.png": Caption(
        "3-10",
        "The variational autoencoder",
        "New against the autoencoder is the middle only: the encoder ends in a mean and a log "
        "variance per dimension, and the decoder gets a point drawn from that distribution.",
        "Diagram of the layers of encoder, sampling and decoder with their sizes.",
    ),
    "chapter/3-11_normal_densities.png": Caption(
        "3-11",
        "Normal distributions",
        "The mean moves the curve, the variance widens it and makes it lower. The KL term "
        "compares each image’s distribution with the standard normal one.",
        "Curves of the density of normal distributions with several means and variances.",
    ),
    **training(
        "vae_fashion",
        VAE_LOSSES,
        "Garments should appear within the first epochs, since N(0, I) is where the KL term keeps "
        "them; later epochs sharpen them.",
    ),
    "vae_fashion/reconstructions.png": Caption(
        None,
        "Test images and their reconstructions",
        "Compare with figure 3-6: the decoder has to make do with a point drawn near the mean, "
        "so reconstructions are no sharper, and often softer. That is what the neat space costs.",
        "Two rows of images: test images above, their reconstructions below.",
    ),
    "vae_fashion/3-13_embeddings_and_samples.png": Caption(
        "3-13",
        "Points drawn from N(0, I), decoded",
        "The cloud should be centred on the origin, about as wide in every direction, and "
        "without large holes. Then points drawn from the standard normal distribution fall where "
        "the decoder knows its way: count how many of the images are malformed.",
        "Scatter plot with numbered points, and below it the image decoded from each point.",
    ),
    "vae_fashion/3-14_by_label_and_p_values.png": Caption(
        "3-14",
        "By class, and as p-values",
        "On the right each coordinate is replaced by its p-value under N(0, 1). Were the "
        "embeddings standard normal, the square would be filled evenly; look for classes that "
        "take up more than their share, and for corners that stay empty.",
        "Two scatter plots coloured by class: the latent space, and its p-values.",
    ),
    "vae_fashion/3-14_decoded_grid.png": Caption(
        "3-14",
        "The latent space, decoded at evenly spaced p-values",
        "Against figure 3-9 there should be fewer images that are no garment at all, and softer "
        "changes from one to the next.",
        "Grid of decoded images at evenly spaced p-values, over the test images as dots.",
    ),
    **kl_per_dimension(
        "vae_fashion",
        "With two dimensions both should be far from 0: one at 0 would be a dimension that the "
        "decoder ignores.",
    ),
    "chapter/ae_and_vae_embeddings.png": Caption(
        None,
        "Both latent spaces, side by side",
        "The chapter’s argument in one picture. Compare where the clouds are centred, how far "
        "they reach on their axes, and what lies between the classes.",
        "Two scatter plots by class: the autoencoder’s latent space and the VAE’s.",
    ),
}
