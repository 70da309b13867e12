"""The effect of edits along attribute vectors, according to the classifier.

A test image is reconstructed from its z_mean, and edited by decoding z_mean + α · v̂, where v̂ is the
unit vector of an attribute. The decisions of the classifier on both images are compared. An edit
with α > 0 should add the attribute to an image without it, and an edit with α < 0 should remove it
from an image with it. Neither should change other attributes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from latent.evaluate_edits.decisions import Classify, Decisions, Images
from latent.latent_space.arithmetic import edit
from latent.latent_space.points import some_rows

Points = NDArray[np.float32]
Decode = Callable[[Points], Images]  # float32 (N, latent_dim) to uint8 (N, H, W, C)

FLIPPED = 0.9  # share of the images that a successful edit flips
KEPT = 0.8  # share of the decisions on other attributes that a selective edit keeps
MIN_IMAGES = 10  # images to edit: 90 % of fewer images would be all of them
DIRECTIONS = ("adds", "removes")

# The columns of `measure_edits` and their types. Columns without a value are NaN or None.
TYPES = {
    "attribute": object,
    "alpha": float,
    "images": int,
    "flips": float,
    "keeps": float,
    "least_kept": object,
    "least_keeps": float,
    "moves": float,
}


@dataclass(frozen=True)
class DecodedImages:
    """Images decoded from points, and the classifier's decisions on them.

    Attributes:
        z: the points, float32 (N, latent_dim).
        images: uint8 (N, H, W, C).
        decisions: bool (N, A).
    """

    z: Points
    images: Images
    decisions: Decisions

    def subset(self, rows: NDArray[np.intp]) -> "DecodedImages":
        """Return the images with the given row numbers."""
        return DecodedImages(self.z[rows], self.images[rows], self.decisions[rows])


def measure_edits(
    decode: Decode,
    classify: Classify,
    reconstructions: DecodedImages,
    vectors: Mapping[str, Points],
    factors: Sequence[float],
    max_images: int,
    seed: int,
) -> pd.DataFrame:
    """Measure the effect of edits with several values of α.

    Args:
        decode: function from points to images.
        classify: function from images to decisions on A attributes.
        reconstructions: images to edit.
        vectors: vectors of the A attributes by name, in the order of the decisions, each float32
            (latent_dim,).
        factors: values of α, in units of the latent space; 0 is ignored.
        max_images: maximum number of images to edit for an attribute in one direction.
        seed: seed of the choice of images.

    Returns:
        A row per attribute and α: `attribute`; `alpha`; `images`, the number of edited images;
        `flips`, the share of them whose decision on the attribute changes; `keeps`, the share of
        unchanged decisions on another attribute, as a mean over the other attributes; `least_kept`
        and `least_keeps`, the other attribute that changes most often and its share; `moves`, the
        root of the mean squared change of a pixel, where 1 is the change from black to white.
        Values that do not exist are missing.
    """
    names = list(vectors)
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(tqdm(names, desc="edits", unit="attributes", disable=None)):
        for added in (False, True):
            alphas = sorted(alpha for alpha in factors if alpha and (alpha > 0) == added)
            candidates = np.flatnonzero(reconstructions.decisions[:, column] != added)
            chosen = candidates[some_rows(len(candidates), max_images, seed)]
            common = {"attribute": name, "images": len(chosen)}
            if not len(chosen):
                rows += [common | {"alpha": alpha} for alpha in alphas]
            elif alphas:
                originals = reconstructions.subset(chosen)
                effects = _edit(decode, classify, originals, vectors[name], alphas, names, column)
                rows += [common | effect for effect in effects]
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _edit(
    decode: Decode,
    classify: Classify,
    originals: DecodedImages,
    vector: Points,
    alphas: list[float],
    names: list[str],
    column: int,
) -> Iterator[dict[str, Any]]:
    """Yield the effect of each α on all images, for the attribute in the given column."""
    points = np.stack([edit(z, vector, alphas) for z in originals.z], axis=1)
    decoded = decode(points.reshape(-1, points.shape[-1]))
    decisions = classify(decoded).reshape(*points.shape[:2], len(names))
    changed = (decisions != originals.decisions).mean(axis=1)
    for alpha, shares, images in zip(alphas, changed, np.split(decoded, len(alphas)), strict=True):
        effect = {
            "alpha": alpha,
            "flips": shares[column],
            "moves": _root_mean_square(images, originals.images),
        }
        kept = {name: 1 - share for name, share in zip(names, shares, strict=True)}
        del kept[names[column]]
        if kept:
            least = min(kept, key=kept.__getitem__)
            effect |= {
                "keeps": np.mean(list(kept.values())),
                "least_kept": least,
                "least_keeps": kept[least],
            }
        yield effect


def _root_mean_square(images: Images, others: Images) -> float:
    difference = (images.astype(np.float32) - others) / 255
    return float(np.sqrt(np.square(difference).mean(dtype=np.float64)))


def find_smallest_alphas(edits: pd.DataFrame) -> pd.DataFrame:
    """Find the smallest |α| that flips 90 % of the images, for each attribute and direction.

    Args:
        edits: table from `measure_edits`, with the kind of vectors as first column, `vectors`.

    Returns:
        For each kind of vectors, attribute and direction ("adds" or "removes"), the row of `edits`
        with the smallest |α| that flips at least 90 % of at least 10 images. α is one of the
        evaluated values; nothing is interpolated. `tried`: whether there are at least 10 images.
        `holds`: whether that edit keeps at least 80 % of the decisions on other attributes; True
        if there are no other attributes. If there is no such edit, `holds` is False and the columns
        of `edits` are missing.
    """
    directed = edits.assign(
        direction=np.where(edits["alpha"] > 0, *DIRECTIONS), tried=edits["images"] >= MIN_IMAGES
    )
    keys = ["vectors", "attribute", "direction", "tried"]
    shortest = directed.sort_values("alpha", key=abs, kind="stable")
    reached = shortest[shortest["tried"] & (shortest["flips"] >= FLIPPED)].drop_duplicates(keys)
    reach = directed[keys].drop_duplicates().merge(reached, "left", keys)
    return reach.assign(holds=reach["alpha"].notna() & ~(reach["keeps"] < KEPT))


def edit_metrics(attributes: pd.DataFrame, edits: pd.DataFrame) -> dict[str, float]:
    """Summarise the effect of the edits.

    Args:
        attributes: a row per attribute. The recognized attributes are those in `edits`.
        edits: as for `find_smallest_alphas`.

    Returns:
        Numbers of attributes: `edits/attributes`, all; `edits/recognized`, recognized by the
        classifier; `edits/tried`, with at least 10 images to edit in some direction, and
        `edits/tried_adds` and `edits/tried_removes`, in that direction.

        For each kind of vectors, numbers of attributes: `edits/<kind>/flipped`, with an edit that
        flips 90 % of the images, and `/flipped_adds` and `/flipped_removes`, in that direction;
        `/selective`, where the smallest such edit also keeps 80 % of the decisions on other
        attributes. And means: `/alpha`, the smallest |α| that flips 90 %, over the attributes and
        directions with such an edit; `/flips`, `/keeps` and `/moves`, over all edits.

        `edits/keeps_gain`: mean difference between `keeps` of "means" and of "shuffled", and
        `edits/keeps_gain_error`, its standard error over the attributes.

        Means without any value are left out.
    """
    reach = find_smallest_alphas(edits)
    metrics: dict[str, float] = {
        "edits/attributes": len(attributes),
        "edits/recognized": edits["attribute"].nunique(),
        **_count("edits/tried", reach[reach["tried"]]),
    }
    means = _keeps_gain(edits)
    for kind, rows in edits.groupby("vectors", sort=False):
        reached = reach[(reach["vectors"] == kind) & reach["alpha"].notna()]
        metrics |= _count(f"edits/{kind}/flipped", reached)
        metrics[f"edits/{kind}/selective"] = reached.loc[reached["holds"], "attribute"].nunique()
        means[f"edits/{kind}/alpha"] = reached["alpha"].abs().mean()
        means |= {f"edits/{kind}/{name}": rows[name].mean() for name in ("flips", "keeps", "moves")}
    return metrics | {name: float(mean) for name, mean in means.items() if not np.isnan(mean)}


def _count(name: str, reach: pd.DataFrame) -> dict[str, int]:
    """Count the attributes in rows of `find_smallest_alphas`, in any and in each direction."""
    counts = {name: reach["attribute"].nunique()}
    for direction in DIRECTIONS:
        rows = reach[reach["direction"] == direction]
        counts[f"{name}_{direction}"] = rows["attribute"].nunique()
    return counts


def _keeps_gain(edits: pd.DataFrame) -> dict[str, float]:
    """Compare `keeps` of "means" and "shuffled", paired by attribute and α."""
    keeps = edits.groupby(["attribute", "alpha", "vectors"])["keeps"].mean().unstack("vectors")
    keeps = keeps.reindex(columns=["means", "shuffled"])
    gains = (keeps["means"] - keeps["shuffled"]).groupby("attribute").mean()
    error = gains.std() / np.sqrt(gains.count())
    return {"edits/keeps_gain": gains.mean(), "edits/keeps_gain_error": error}
