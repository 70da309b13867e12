"""Whether an edit along an attribute's vector changes that attribute, and how much else.

An edit is judged by what the classifier says of the picture before and after: of the reconstruction of
a held-out image, decoded from its z_mean, and of the picture decoded from z_mean + α · v̂. An edit
of α > 0 is to give the attribute to images without it, one of α < 0 to take it from others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from latent.evaluate_edits.decisions import Decisions, Images, Judge
from latent.latent_space.arithmetic import edit
from latent.latent_space.points import some_rows

Points = NDArray[np.float32]
Decode = Callable[[Points], Images]  # float32 (N, latent_dim) to uint8 (N, H, W, C)

FLIPPED = 0.9  # of the images: an edit that flips as many does what it is for
HELD = 0.8  # of the other attributes' decisions: an edit that keeps as many does little else
FEWEST = 10  # images: of fewer, nine in ten would be all of them
DIRECTIONS = ("adds", "removes")

# Shares of what there is none of are missing.
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
class Pictures:
    """Decoded pictures, before they are edited.

    Attributes:
        z: where they are decoded from, float32 (N, latent_dim).
        images: uint8 (N, H, W, C).
        decisions: the classifier's, bool (N, A).
    """

    z: Points
    images: Images
    decisions: Decisions

    def take(self, rows: NDArray[np.intp]) -> "Pictures":
        """Return some of them."""
        return Pictures(self.z[rows], self.images[rows], self.decisions[rows])


def measure_edits(
    decode: Decode,
    classifier: Judge,
    pictures: Pictures,
    vectors: Mapping[str, Points],
    factors: Sequence[float],
    images: int,
    seed: int,
) -> pd.DataFrame:
    """Return what edits of several lengths do to the classifier's decisions.

    Args:
        decode: points to pictures.
        classifier: pictures to decisions on A attributes.
        pictures: what is edited.
        vectors: of the A attributes, in order, float32 (latent_dim,) each.
        factors: α, in units of the latent space; 0 edits nothing and is left out.
        images: at most, that are edited for an attribute in one direction.
        seed: of their choice.

    Returns:
        A row per attribute and α: `attribute`, `alpha`; `images`, how many were edited; `flips`,
        the share of them of which the classifier then says what the edit is for; `keeps`, the share of
        its decisions on another attribute that stay, as a mean over these; `least_kept` and
        `least_keeps`, which of them changes most, and the share that stays; `moves`, the root of
        the mean squared change of a pixel, 1 being that from black to white.
    """
    names = list(vectors)
    rows: list[dict[str, Any]] = []
    for column, name in enumerate(tqdm(names, desc="edits", unit="attributes", disable=None)):
        for wanted in (False, True):
            alphas = sorted(alpha for alpha in factors if alpha and (alpha > 0) == wanted)
            others = np.flatnonzero(pictures.decisions[:, column] != wanted)
            chosen = others[some_rows(len(others), images, seed)]
            about = {"attribute": name, "images": len(chosen)}
            if not len(chosen):
                rows += [about | {"alpha": alpha} for alpha in alphas]
            elif alphas:
                some = pictures.take(chosen)
                outcomes = _edit(decode, classifier, some, vectors[name], alphas, names, column)
                rows += [about | outcome for outcome in outcomes]
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def _edit(
    decode: Decode,
    classifier: Judge,
    pictures: Pictures,
    vector: Points,
    alphas: list[float],
    names: list[str],
    column: int,
) -> Iterator[dict[str, Any]]:
    """Yield what an edit of each length does to all of the pictures."""
    points = np.stack([edit(z, vector, alphas) for z in pictures.z], axis=1)
    decoded = decode(points.reshape(-1, points.shape[-1]))
    decisions = classifier(decoded).reshape(*points.shape[:2], len(names))
    changed = (decisions != pictures.decisions).mean(axis=1)
    for alpha, shares, images in zip(alphas, changed, np.split(decoded, len(alphas)), strict=True):
        outcome = {
            "alpha": alpha,
            "flips": shares[column],
            "moves": _root_mean_square(images, pictures.images),
        }
        kept = {name: 1 - share for name, share in zip(names, shares, strict=True)}
        del kept[names[column]]
        if kept:
            least = min(kept, key=kept.__getitem__)
            outcome |= {
                "keeps": np.mean(list(kept.values())),
                "least_kept": least,
                "least_keeps": kept[least],
            }
        yield outcome


def _root_mean_square(images: Images, others: Images) -> float:
    difference = (images.astype(np.float32) - others) / 255
    return float(np.sqrt(np.square(difference).mean(dtype=np.float64)))


def find_smallest_alphas(edits: pd.DataFrame) -> pd.DataFrame:
    """Return how far each attribute's edits must go to flip nine images of ten.

    Args:
        edits: as `measure_edits` returns them, with `vectors`, the kind of them, as first column.

    Returns:
        For each kind, attribute and direction (`adds` or `removes`) the row of `edits` with the
        smallest |α| that flips at least 90 % of at least 10 images: on the grid of α, nothing is
        interpolated. `tried` says whether there are so many to edit, and `holds` whether that edit
        keeps 80 % of the other attributes' decisions, as it does where there are no others. Where
        there is no such edit, the rest is missing.
    """
    directed = edits.assign(
        direction=np.where(edits["alpha"] > 0, *DIRECTIONS), tried=edits["images"] >= FEWEST
    )
    keys = ["vectors", "attribute", "direction", "tried"]
    shortest = directed.sort_values("alpha", key=abs, kind="stable")
    reached = shortest[shortest["tried"] & (shortest["flips"] >= FLIPPED)].drop_duplicates(keys)
    reach = directed[keys].drop_duplicates().merge(reached, "left", keys)
    return reach.assign(holds=reach["alpha"].notna() & ~(reach["keeps"] < HELD))


def edit_metrics(attributes: pd.DataFrame, edits: pd.DataFrame) -> dict[str, float]:
    """Return what the edits come to.

    Args:
        attributes: a row per attribute, of which those in `edits` are judged.
        edits: as for `find_smallest_alphas`.

    Returns:
        Numbers of attributes: `edits/attributes`; `edits/recognized`; and `edits/tried`, those of the
        judged that at least 10 images can be edited for in some direction, `edits/tried_adds` and
        `edits/tried_removes` in each. For each kind of vectors: `edits/<kind>/flipped`, how many
        have an edit that flips nine images of ten, `/flipped_adds` and `/flipped_removes` in each
        direction; `/held`, how many one that also keeps 80 % of the others' decisions; `/alpha`, the
        mean |α| of the shortest edits that flip nine of ten, over the attributes and directions
        that have one; and as means over all edits, `/flips`, `/keeps` and `/moves`.
        `edits/keeps_gain` and `edits/keeps_gain_error`: how much more of the others' decisions
        "means" keep than "shuffled", with its standard error over the attributes. Means of nothing
        are left out.
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
    """Return how many attributes rows of `find_smallest_alphas` are of: in any direction, and in each."""
    counts = {name: reach["attribute"].nunique()}
    for direction in DIRECTIONS:
        of_direction = reach[reach["direction"] == direction]
        counts[f"{name}_{direction}"] = of_direction["attribute"].nunique()
    return counts


def _keeps_gain(edits: pd.DataFrame) -> dict[str, float]:
    """Return what "means" keep more than "shuffled", compared attribute by attribute and α by α."""
    keeps = edits.groupby(["attribute", "alpha", "vectors"])["keeps"].mean().unstack("vectors")
    keeps = keeps.reindex(columns=["means", "shuffled"])
    gains = (keeps["means"] - keeps["shuffled"]).groupby("attribute").mean()
    error = gains.std() / np.sqrt(gains.count())
    return {"edits/keeps_gain": gains.mean(), "edits/keeps_gain_error": error}
