"""The models of a project, loaded when they are used first."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent.api.location import MODELS, find_model
from latent.errors import InputError
from latent.io.paths import ModelPaths

# The interface takes seconds to import, because it starts Keras.
if TYPE_CHECKING:
    from latent.explorer.explored import Explored


class Models:
    """The models below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._loaded: dict[str, Explored] = {}
        self._locks = {name: threading.Lock() for name in MODELS}

    def overview(self) -> list[dict[str, Any]]:
        """Return the name of each model, its kind and dataset, and why it cannot be loaded, if so.

        No model is loaded for this.
        """
        return [
            {
                "name": name,
                "kind": name.partition("_")[0],
                "dataset": ModelPaths(name).dataset.name,
                "problem": self._find_problem(name),
            }
            for name in MODELS
        ]

    def _find_problem(self, name: str) -> str | None:
        try:
            with find_model(name, self.root):
                return None
        except InputError as error:
            return str(error)

    def get(self, name: str) -> "Explored":
        """Return a model. The first call loads it, which takes seconds.

        Raises:
            InputError: there is no such model, or it cannot be loaded.
        """
        if name not in self._locks:
            raise InputError(f"{name[:50]}: no such model; allowed are {', '.join(MODELS)}")
        with self._locks[name]:
            if name not in self._loaded:
                from latent.explorer.explored import Explored  # noqa: PLC0415

                self._loaded[name] = Explored(name, self.root)
            return self._loaded[name]
