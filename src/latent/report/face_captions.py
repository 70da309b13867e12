"""Captions of the figures of faces; see `latent.report.captions`."""

from latent.io.paths import edit_figures
from latent.report.captions import VAE_LOSSES, Caption, kl_per_dimension, training


def vae_faces(attributes: list[str]) -> dict[str, Caption]:
    """Return the captions of the figures of faces, with edits in the order of `attributes`."""
    edits = {
        f"vae_faces/{file_name}": Caption(
            "3-19",
            f"Edits along the attribute vector of {name.replace('_', ' ')}",
            _EDITS if position == 0 else "",
            f"Rows of faces, each edited along the attribute vector of {name.replace('_', ' ')}.",
        )
        for position, (name, file_name) in enumerate(edit_figures(attributes).items())
    }
    return {**_BEFORE_EDITS, **edits, **_AFTER_EDITS}


_EDITS = (
    "Each row shows one face, edited by different amounts α. From left to right only the named "
    "attribute should change, and the person should stay the same. Attributes that often occur "
    "together in the dataset also change together, because an attribute vector is a difference of "
    "means. Look for such changes at large |α|. The table of AUCs below shows which attribute "
    "vectors are reliable."
)

_BEFORE_EDITS = {
    "vae_faces/3-12_architecture.png": Caption(
        "3-12",
        "Architecture of the variational autoencoder for faces",
        "It has the same structure as the model in figure 3-10. In addition, it has colour "
        "channels, batch normalisation and more latent dimensions.",
        "Diagram of the layers of encoder, sampling and decoder, with their output shapes.",
    ),
    "vae_faces/3-15_faces.png": Caption(
        "3-15",
        "Faces of the test set",
        "The model is not trained on these images. They have the size of the model’s input.",
        "Rows of faces of the test set.",
    ),
    **training(
        "vae_faces",
        VAE_LOSSES,
        "The mean face appears first, then features of many pixels: hair, skin and background. "
        "Features of a few pixels appear last or not at all.",
    ),
    "vae_faces/3-16_reconstructions.png": Caption(
        "3-16",
        "Faces of the test set and their reconstructions",
        "Pose, background, hair and skin should be preserved. Small or rare features are blurred: "
        "the squared error of a blurred feature is smaller than that of a sharp but wrong one.",
        "Two rows of faces: test images above, their reconstructions below.",
    ),
    "vae_faces/3-17_latent_histograms.png": Caption(
        "3-17",
        "Distribution of the embeddings in each latent dimension",
        "Each histogram should follow the density of N(0, 1). If many do not, points sampled from "
        "N(0, I) differ from the points on which the decoder was trained. A smaller reconstruction "
        "weight then helps. A perfect fit can also mean that the model does not use the dimension.",
        "Small histograms, one per latent dimension, each with the standard normal density.",
    ),
    **kl_per_dimension(
        "vae_faces",
        "A dimension whose KL divergence is 0 is distributed like the prior for every image and "
        "carries no information. The number of the other dimensions shows how much of the latent "
        "space the images need.",
    ),
    "vae_faces/3-18_generated.png": Caption(
        "3-18",
        "Generated faces: points sampled from the standard normal distribution",
        "Check variety as well as quality: hair, skin, pose and background should differ, and no "
        "face should be malformed.",
        "Rows of generated faces.",
    ),
}

_AFTER_EDITS = {
    "vae_faces/3-19_other_attributes.png": Caption(
        "3-19",
        "Edits of further attributes",
        "One face per attribute, edited along the attribute vector. The vectors of attributes that "
        "are rare or affect few pixels are less reliable.",
        "Rows of faces, each edited along the vector of another attribute.",
    ),
    "vae_faces_edits/flips.png": Caption(
        None,
        "Effect of edits according to the classifier",
        "One chart per attribute that the classifier recognizes in reconstructions. Solid lines: "
        "share of the faces on which the classifier’s decision changes as intended by an edit of "
        "length α. Dashed lines: share of its decisions on other attributes that stay the same. "
        "A good attribute vector changes the decision at a small |α| and keeps most other "
        "decisions. The random baseline shows what any edit of the same length does.",
        "Small line charts, one per attribute, of changed and kept decisions against α.",
    ),
    "vae_faces_edits/cosines.png": Caption(
        None,
        "Pairwise cosine similarity of the attribute vectors",
        "Red: the attributes occur together in the dataset, so an edit of one also changes the "
        "other. Blue: the attribute vectors point in opposite directions.",
        "Heat map of the cosine similarity of each pair of attribute vectors.",
    ),
    "vae_faces/3-20_morphs.png": Caption(
        "3-20",
        "Morphs between two faces",
        "Every image should show one complete face, not two faces on top of each other. This is "
        "the difference between interpolating embeddings and interpolating pixels.",
        "Rows of faces that change step by step from one test image into another.",
    ),
}
