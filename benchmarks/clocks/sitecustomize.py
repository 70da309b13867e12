"""Times a stage from inside, without a line of it changed: Python imports this where it starts.

`benchmarks.overhead` puts the folder on the path of a clone's processes. In one that runs a stage,
the functions below are wrapped as their modules are imported, and each moment of the main thread
belongs to the innermost one that is running; what is none's is the stage's own work. The seconds of
each kind are written as JSON into the folder that LATENT_CLOCKS names when the process ends.
"""

import atexit
import functools
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

START, DATA, WORK, SAVING, TRACKING = "start-up", "data", "work", "saving", "tracking"

# By module: what a function's seconds are. `Class.method` is a method.
CLOCKS = {
    "stages.run": {"run": WORK},
    "stages.project": {"read_params": START},
    "latent.models.runtime": {"configure": START},
    "latent.models.networks": {
        "build_encoder": START,
        "build_variational_encoder": START,
        "build_decoder": START,
    },
    "latent.models.storage": {"load_model": DATA, "save_model": SAVING, "summary": SAVING},
    "latent.training.checkpoints": {
        "Checkpoints.restore": DATA,
        "Checkpoints.on_epoch_end": SAVING,
    },
    "latent.io.dataset": {
        "read_split": DATA,
        "read_array": DATA,
        "read_table": DATA,
        "read_record": DATA,
        "reserve_array": SAVING,
        "write_record": SAVING,
    },
    "latent.io.files": {"write_json": SAVING, "read_json": DATA, "sha256": SAVING},
    "latent.latent_space.attribute_vectors": {"write_vectors": SAVING},
    "latent.training.provenance": {"describe_provenance": TRACKING, "training_key": TRACKING},
    "latent.tracking.background": {"Link.post": TRACKING, "Link.wait": TRACKING},
}


class Clock:
    """Seconds of each kind, of the thread that made it."""

    def __init__(self) -> None:
        self.begun = self._since = time.monotonic()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._kinds = [START]
        self._thread = threading.get_ident()

    def wrap(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        """Return a function that does the same, and whose seconds are of this kind."""

        @functools.wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **options)
            self._count()
            self._kinds.append(kind)
            try:
                return function(*args, **options)
            finally:
                self._count()
                self._kinds.pop()

        return timed

    def _count(self) -> None:
        now = time.monotonic()
        self.seconds[self._kinds[-1]] += now - self._since
        self._since = now

    def write(self, folder: Path, stage: str) -> None:
        """Write what was counted until now."""
        self._count()
        content = {"stage": stage, "begun": self.begun, "ended": self._since}
        path = folder / f"{os.getpid()}.json"
        path.write_text(json.dumps({**content, "seconds": self.seconds}), encoding="utf-8")


class Finder(MetaPathFinder):
    """Finds the modules of `CLOCKS` as Python does, and wraps their functions once they are run."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of `CLOCKS` is; None for others."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname in CLOCKS else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_wrap(module: ModuleType) -> None:
            execute(module)
            for name, kind in CLOCKS[fullname].items():
                *owners, last = name.split(".")
                owner = functools.reduce(getattr, owners, module)
                setattr(owner, last, self.clock.wrap(getattr(owner, last), kind))

        spec.loader.exec_module = execute_and_wrap  # type: ignore[method-assign]
        return spec


def _watch() -> None:
    words = sys.orig_argv
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    if not module.startswith("stages.") or "LATENT_CLOCKS" not in os.environ:
        return
    clock = Clock()
    stage = " ".join([module.removeprefix("stages."), *words[words.index("-m") + 2 :]])
    sys.meta_path.insert(0, Finder(clock))
    # The first to be registered is the last to be called.
    atexit.register(clock.write, Path(os.environ["LATENT_CLOCKS"]), stage)


_watch()
