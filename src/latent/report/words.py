"""What the report says in sentences: of its data, its models and its weights."""

from latent.params import TrainAE, TrainVAE
from latent.report.collect import Dataset
from latent.report.tables import LOSS_NAMES

THINGS = {"fashion": "garments", "faces": "faces"}
ORIGINS = {
    ("fashion", "sample"): "Drawn by code, in the ten classes and the file format of "
    "Fashion-MNIST. Results on them show that the pipeline works, and say nothing about real "
    "images.",
    ("faces", "sample"): "Drawn by code, with the 40 attributes and the archive layout of CelebA. "
    "Nobody is shown. Results on them show that the pipeline works, and say nothing about real "
    "images.",
    ("fashion", "folder"): "Your own: grey images, and the classes that they were given in.",
    ("fashion", "fashion_mnist"): "Real: Fashion-MNIST, grey pictures of articles of clothing "
    "(Xiao, Rasul & Vollgraf, arXiv:1708.07747; MIT licence).",
    ("faces", "kaggle"): "Real: CelebA as Kaggle has it, photographs of faces with 40 attributes "
    "(Liu et al., ICCV 2015; for non-commercial research).",
    ("faces", "folder"): "Your own: the images, and the attributes if any were given.",
    ("faces", "archive"): "Real: an archive in the layout of CelebA, photographs of faces with 40 "
    "attributes (Liu et al., ICCV 2015; for non-commercial research).",
}
REASONS = {
    "validation": "images of the validation partition, since nothing in the pipeline is chosen by "
    "them",
    "other_files": "files that are no images by their names",
    "skipped": "unreadable, which dataset.json names",
}
CLASSES = 24  # that are named in a sentence, at most


NO_ATTRIBUTES = (
    "No attribute of these images has a direction that held-out images could prove: either none is "
    "known, or all images have it or none."
)


def is_drawn(dataset: Dataset) -> bool:
    """Say whether a data set was drawn by code."""
    return dataset.source == "sample"


def describe_origin(dataset: Dataset) -> str:
    """Return where a data set comes from, and whether it is real."""
    return ORIGINS.get((dataset.name, dataset.source), f"From the source “{dataset.source}”.")


def describe_left_out(dataset: Dataset) -> str:
    """Return how many images were left out, and why."""
    left_out = {**dataset.left_out, "skipped": dataset.skipped.count}
    parts = [
        f"{count:,} {REASONS.get(reason, f'images ({reason})')}"
        for reason, count in left_out.items()
        if count
    ]
    return "; ".join(parts) or "nothing"


def describe_classes(dataset: Dataset) -> str:
    """Return how many classes there are, and what the first of them are called."""
    more = len(dataset.classes) - CLASSES
    names = ", ".join(dataset.classes[:CLASSES]) + (f" and {more} more" if more > 0 else "")
    return f"{len(dataset.classes)}: {names}"


def describe_training(section: TrainAE, dataset: Dataset) -> str:
    """Return what a model was trained to do."""
    name = LOSS_NAMES[section.loss]
    goal = f"the mean {name} between the values of an image and its reconstruction"
    if isinstance(section, TrainVAE):
        weight = f"{section.reconstruction_weight:,g}"
        goal = f"{weight} times {goal}, plus the KL divergence of its distribution from N(0, I)"
    return (
        f"Trained on {dataset.images['train']:,} {THINGS[dataset.name]} in batches of "
        f"{section.batch_size}, for {section.epochs} epochs of Adam at a learning rate of "
        f"{section.learning_rate:g}, to make small {goal}."
    )


def describe_weight(section: TrainVAE, dataset: Dataset, beta: float) -> str:
    """Return what the weight of the reconstruction means for the KL term."""
    height, width, channels = dataset.shape
    values = f"{height * width * channels:,}"
    weight = f"{section.reconstruction_weight:,g}"
    if section.loss == "bce":
        sum_ = f"β = {values} / {weight} = {beta:.4g}"
    else:
        sum_ = f"β = {values} / (2 · {weight}) = {beta:.4g}, against a Gaussian of variance 1"
    pull = "harder than" if beta > 1 else "less hard than" if beta < 1 else "just as hard as"
    return (
        f"The chapter calls the {weight} before the reconstruction β. In the literature (Higgins "
        "et al., β-VAE, ICLR 2017) β stands before the KL term, and the reconstruction counts "
        f"once, in nats. An image has {values} values, so the two say the same at {sum_}: here the "
        f"prior pulls {pull} the evidence lower bound asks."
    )


def describe_dimensions(latent_dim: int) -> str:
    """Return what figures leave out of a space that is no plane, or ""."""
    if latent_dim == 2:
        return ""
    shown = "the only dimension" if latent_dim == 1 else f"dimensions 1 and 2 of {latent_dim}"
    return (
        f"The latent space is no plane in this run: scatters show {shown}, and the grid of "
        "decoded points is left out."
    )
