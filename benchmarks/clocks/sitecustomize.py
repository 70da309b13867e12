"""Times a stage from inside its process, without changes to the code of the stage.

Python imports this module at start-up if its folder is on the module search path.
`benchmarks.overhead` adds the folder to the path of a clone's processes. In a process that runs a
stage, the functions in `CLOCKS` are wrapped when their modules are imported. The time of the main
thread is attributed to the innermost wrapped function that is running. When the process ends, the
seconds of each kind are written as JSON to the folder in the variable LATENT_CLOCKS.

A stage that `stages.fork_server` runs is timed from the fork on. The time of its client is not
recorded, so `benchmarks.overhead` attributes it to DVC.
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

# The kind of time of each function, by module. `Class.method` is a method.
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
    "latent.tracking.background": {
        "BackgroundWorker.submit": TRACKING,
        "BackgroundWorker.wait": TRACKING,
    },
}


class Clock:
    """Measures the seconds of each kind in the thread that created the clock.

    Attributes:
        begun: Time of creation, from `time.monotonic`.
        seconds: Seconds by kind.
    """

    def __init__(self) -> None:
        self.begun = self._since = time.monotonic()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._kinds = [START]
        self._thread = threading.get_ident()

    def wrap(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        """Return the function with its time attributed to `kind`."""

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

    def write(self, folder: Path) -> None:
        """Write the seconds measured so far, with the stage's name and arguments."""
        self._count()
        content = {
            "stage": " ".join(_command()).removeprefix("stages."),
            "begun": self.begun,
            "ended": self._since,
        }
        path = folder / f"{os.getpid()}.json"
        path.write_text(json.dumps({**content, "seconds": self.seconds}), encoding="utf-8")


class Finder(MetaPathFinder):
    """Wraps the functions in `CLOCKS` when their modules are imported."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module in `CLOCKS`, or None for other modules."""
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


def _command() -> list[str]:
    """Return the module that this process runs and its arguments; nothing without `-m`."""
    arguments = sys.orig_argv
    return arguments[arguments.index("-m") + 1 :] if "-m" in arguments[:-1] else []


def _watch() -> None:
    clock = Clock()
    sys.meta_path.insert(0, Finder(clock))
    # Functions run in reverse order of registration, so this one runs last.
    atexit.register(clock.write, Path(os.environ["LATENT_CLOCKS"]))


if "LATENT_CLOCKS" in os.environ:
    match _command():
        case ["stages.fork_server"]:
            os.register_at_fork(after_in_child=_watch)
        case ["stages.repro"]:  # DVC
            pass
        case [module, *_] if module.startswith("stages."):
            _watch()
