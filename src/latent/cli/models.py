"""The command that lists the trained models, or describes one."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from latent.api.location import MODELS, ModelFiles, find_model
from latent.cli.project import find_root
from latent.errors import InputError, describe
from latent.io.files import read_json

log = logging.getLogger(__name__)

MISSING = "–"
KINDS = {"ae": "autoencoder", "vae": "variational autoencoder"}
NOTE = """\
reconstruction and KL: nats per test image. Fréchet: distance of generated images from test images.
AUC: mean over the attributes, on test images. See the report for what they mean.
files written: date of provenance.json, which `dvc checkout` changes too. `make ui` has the dates of
all trainings."""


def list_models() -> str:
    """Return a table of the trained models in models/.

    Raises:
        InputError: there is none that can be used.
    """
    root = find_root()
    rows = []
    for name in MODELS:
        if not (root / "models" / name).is_dir():
            continue
        try:
            with find_model(name, root) as files:
                rows.append(_row(name, files))
        except InputError as error:
            log.warning("%s", error)  # the others can be used
    if not rows:
        raise InputError(f"{root / 'models'}: no trained models; run `make repro`")
    heads = (
        *("model", "trained on", "images", "size", "latent_dim", "epochs", "reconstruction"),
        *("KL", "Fréchet", "AUC", "device", "files written"),
    )
    return f"{format_table([heads, *rows])}\n\n{NOTE}"


def describe_model(location: str) -> str:
    """Return what a model was made from, its metrics, and its attributes, the best first.

    Raises:
        InputError: there is no such model, or a file of it is damaged.
    """
    # Imported here, because Keras takes seconds to start. `list_models` does not need it.
    from latent import Model  # noqa: PLC0415

    with find_model(location, find_root()) as files:
        provenance, data = files.provenance, files.provenance.data
        metrics = _read_metrics(files)
        model = Model(files)
    images = ", ".join(f"{count:,} {split}" for split, count in data.images.items())
    facts: dict[str, Any] = {
        "model": f"{provenance.model_name}, {KINDS[provenance.kind]}",
        "trained on": f"{data.name}, {provenance.source_name}",
        "images": f"{images}; {_size(data.shape)}",
        "SHA-256 of the data": data.digest,
        "device": provenance.device,
        **provenance.packages,
        **provenance.parameters,
        **{key: f"{value:.6g}" for key, value in metrics.items() if key.startswith("test/")},
    }
    text = format_table([(f"{key}:", str(value)) for key, value in facts.items()])
    try:
        attributes = model.attributes[["attribute", "auc", "with", "without"]]
    except InputError as error:
        log.warning("%s", error)
        return text
    if attributes.empty:
        return text
    rows = [
        (name, f"{auc:.3f}", f"{has:,}", f"{lacks:,}")
        for name, auc, has, lacks in attributes.itertuples(index=False)
    ]
    return (
        f"{text}\n\n{format_table([('attribute', 'AUC', 'images with it', 'without it'), *rows])}"
    )


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text as a table, with two spaces between the columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(name: str, files: ModelFiles) -> list[str]:
    provenance, metrics = files.provenance, _read_metrics(files)
    data, parameters = provenance.data, provenance.parameters
    section = f"train_{provenance.kind}.{data.name}"
    source = "prior" if provenance.kind == "vae" else "box"
    date = datetime.fromtimestamp((files.folder / "provenance.json").stat().st_mtime)
    return [
        name,
        provenance.source_name,
        " + ".join(f"{count:,}" for count in data.images.values()),
        _size(data.shape),
        str(parameters.get(f"{section}.latent_dim", MISSING)),
        str(parameters.get(f"{section}.epochs", MISSING)),
        _number(metrics, "test/reconstruction_nats", 1),
        _number(metrics, "test/kl_loss", 1),
        _number(metrics, f"evaluate/{source}/frechet", 1),
        _number(metrics, "mean_auc", 3),
        provenance.device,
        f"{date:%Y-%m-%d %H:%M}",
    ]


def _size(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _number(metrics: dict[str, Any], key: str, digits: int) -> str:
    value = metrics.get(key)
    return MISSING if value is None else f"{value:.{digits}f}"


def _read_metrics(files: ModelFiles) -> dict[str, Any]:
    """Return the metrics of a model in models/; of other models, the project has none.

    Metrics of an earlier model, whose stages have not run again, are left out.
    """
    paths = files.paths
    if not files.are_in_project:
        return {}
    current = _find_current_outs(paths.root)
    metrics: dict[str, Any] = {}
    for path in (paths.training_metrics, paths.evaluation_metrics, paths.attribute_metrics):
        if path.exists() and path.relative_to(paths.root).as_posix() in current:
            metrics |= read_json(path)
    return metrics


@cache
def _find_current_outs(root: Path) -> set[str]:
    """Return the paths of the outs that are made from the present outs of earlier stages."""
    path = root / "dvc.lock"
    try:
        with path.open(encoding="utf-8") as file:
            stages = YAML(typ="safe").load(file)["stages"].values()
        made = {out["path"]: (out["md5"], stage) for stage in stages for out in stage["outs"]}
    except (OSError, YAMLError, KeyError, TypeError) as error:
        log.warning("%s: cannot be read, so no metrics are shown: %s", path, describe(error))
        return set()

    def is_current(out: str) -> bool:
        stage = made[out][1]
        earlier = [dep for dep in stage["deps"] if dep["path"] in made]
        return all(dep["md5"] == made[dep["path"]][0] for dep in earlier) and all(
            is_current(dep["path"]) for dep in earlier
        )

    return {out for out in made if is_current(out)}
