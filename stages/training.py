"""What the two training stages share: what they log, and where their results go."""

from latent.params import Params
from latent.trainer import Training
from stages.common import ROOT, outs_of, processed


def training(kind: str, dataset: str, params: Params) -> Training:
    """Return the training of a model of `kind` ("ae" or "vae") on a data set."""
    stage = f"train_{kind}"
    return Training(
        params=params[stage][dataset],
        dataset=processed(dataset),
        parameters=params.select("runtime", f"{stage}.{dataset}"),
        upstream=params.select(f"download.{dataset}", f"preprocess.{dataset}"),
        root=ROOT,
        tracking=params.tracking,
        checkpoint_epochs=params.checkpoint.epochs,
        outs=outs_of(f"{kind}_{dataset}"),
    )
