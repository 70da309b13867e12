"""What each figure of faces shows, and what to look for in it: see `latent.report.captions`."""

from latent.report.captions import VAE_LOSSES, Caption, kl_per_dimension, training


def vae_faces(attributes: list[str]) -> dict[str, Caption]:
    """Return the captions of the faces' figures, edits in the order of `attributes`."""
    edits = {
        f"vae_faces/3-19_edit_{name}.png": Caption(
            "3-19",
            f"Less and more of {name.replace('_', ' ')}",
            _EDITS if position == 0 else "",
            f"Rows of faces, each moved along the direction of {name.replace('_', ' ')}.",
        )
        for position, name in enumerate(attributes)
    }
    return {**_FACES, **edits, **_EDITED, **_FACES_LAST}


_EDITS = (
    "Only the named feature should change from left to right, and the person should stay the same. "
    "Far from α = 0 look for what comes along unasked: features that go together in the data go "
    "together in a difference of means. The table of attributes below says which directions to "
    "trust."
)

_FACES = {
    "vae_faces/3-12_architecture.png": Caption(
        "3-12",
        "The variational autoencoder of faces",
        "The same idea with colour, batch normalisation and more room in the middle.",
        "Diagram of the layers of encoder, sampling and decoder with their sizes.",
    ),
    "vae_faces/3-15_faces.png": Caption(
        "3-15",
        "Test images",
        "What the model never trained on, at the size in which it sees faces.",
        "Rows of faces of the test set.",
    ),
    **training(
        "vae_faces",
        VAE_LOSSES,
        "First comes the mean of all faces, then what moves most of the pixels: hair, skin, "
        "background. Features of a few pixels come last, or not at all.",
    ),
    "vae_faces/3-16_reconstructions.png": Caption(
        "3-16",
        "Faces and their reconstructions",
        "Pose, background, hair and skin should come back; what is small or rare is smoothed "
        "over. That blur is what a squared error prefers to a sharp guess that may be wrong.",
        "Two rows of faces: test images above, their reconstructions below.",
    ),
    "vae_faces/3-17_latent_histograms.png": Caption(
        "3-17",
        "The latent dimensions, one by one",
        "Each histogram should follow the curve of N(0, 1). If many do not, points drawn from "
        "N(0, I) are not what the decoder is used to, and a smaller reconstruction weight helps. "
        "A perfect fit can also be a dimension that is not used at all.",
        "Small histograms, one per latent dimension, each with the standard normal curve.",
    ),
    **kl_per_dimension(
        "vae_faces",
        "Dimensions at 0 hold no information: the model gave them back to the prior, and how many "
        "are left says how much of the latent space the data needed.",
    ),
    "vae_faces/3-18_generated.png": Caption(
        "3-18",
        "Faces that nobody has",
        "Decoded from points of N(0, I). Look for variety as much as for quality: hair, skin, pose "
        "and background should differ, and no face should fall apart.",
        "Rows of generated faces.",
    ),
}

_EDITED = {
    "vae_faces/3-19_other_attributes.png": Caption(
        "3-19",
        "Further attributes",
        "A face for each, moved along the attribute’s direction. Attributes that are small in the "
        "image, or rare, have weak directions: little should be expected of them.",
        "Rows of faces, each moved along the direction of another attribute.",
    ),
    "vae_faces_edits/flips.png": Caption(
        None,
        "How often an edit changes what the classifier says",
        "For each attribute that the classifier can classifier: the share of the faces of which it says, "
        "after an edit of length α, what the edit is for, and of what it says of other attributes, "
        "the share that stays. A good direction flips early and keeps much; one dealt out by "
        "chance shows what any edit of that length does.",
        "Small line charts, one per attribute, of flipped and kept decisions against α.",
    ),
    "vae_faces_edits/cosines.png": Caption(
        None,
        "Directions that go together",
        "The cosine of the angle between each two attribute vectors. Blocks are attributes that "
        "come together in the data, so that an edit along one is an edit along all of them (red); "
        "blue are opposites.",
        "Matrix of colours: the cosine between each two attribute vectors.",
    ),
}

_FACES_LAST = {
    "vae_faces/3-20_morphs.png": Caption(
        "3-20",
        "From one face to another",
        "Every step should be a whole face, none a double exposure of two: that is the difference "
        "between blending in the latent space and blending pixels.",
        "Rows of faces that turn step by step from one test image into another.",
    ),
}
