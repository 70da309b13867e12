"""Autoencoders and variational autoencoders: data, models, evaluation, figures and tracking.

`from latent import Model` is the interface to the trained models. It is imported when it is used
first, because Keras takes seconds to start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latent.api.model import Model

__all__ = ["Model"]


def __getattr__(name: str) -> Any:
    """Import `Model`."""
    if name in __all__:
        return import_module("latent.api.model").Model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
