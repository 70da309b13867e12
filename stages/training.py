"""What the two training stages share: what they log, and where their results go."""

from pathlib import Path

from latent.params import Params
from latent.tracking.describe import run_description, run_name
from latent.tracking.run import Run
from latent.trainer import Training
from stages.common import ROOT, processed, trained


def training(kind: str, dataset: str, params: Params) -> Training:
    """Return the training of a model of `kind` ("ae" or "vae") on a data set."""
    name = f"{kind}_{dataset}"
    stage = f"train_{kind}"
    section = params[stage][dataset]
    source = params.download[dataset].source
    return Training(
        params=section,
        dataset=processed(dataset),
        run=Run(
            ROOT,
            name,
            params.tracking.on_error,
            name=run_name(source, section),
            description=run_description(name, source),
        ),
        logged=params.select(
            "runtime", f"download.{dataset}", f"preprocess.{dataset}", f"{stage}.{dataset}"
        ),
        model=trained(name),
        metrics=Path(f"reports/metrics/{name}.json"),
        history=Path(f"reports/plots/{name}/history.csv"),
    )
