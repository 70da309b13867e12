"""Which tests are long, and the order in which the tests run."""

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

TESTS = str(Path(__file__).parent)
# A test is long if it uses one of these. It runs the pipeline in a clone, starts a process of its
# own, downloads with Kaggle's client, trains a model, or logs to MLflow. `make check` leaves it
# out.
LONG = {
    "benchmarks.clone",
    "latent.classifier.classifier",
    "latent.classifier.training",
    "latent.download.faces.kaggle",
    "latent.tracking.model_run",
    "latent.tracking.training",
    "latent.training.loop",
    "subprocess",
}


def is_long(test: pytest.Function) -> bool:
    """Return whether a test or one of its fixtures uses `LONG`."""
    fixtures = test._fixtureinfo.name2fixturedefs.values()
    return uses_long((test.function, *(fixture[-1].func for fixture in fixtures)))


@cache
def uses_long(functions: tuple[Callable[..., object], ...]) -> bool:
    """Return whether one of these functions, or one in `tests` that it calls, uses `LONG`."""
    queue = list(functions)
    seen: set[int] = set()
    while queue:
        function = inspect.unwrap(queue.pop())
        if id(function) in seen or not function.__code__.co_filename.startswith(TESTS):
            continue
        seen.add(id(function))
        for name in names_in(function.__code__):
            value = function.__globals__.get(name)
            if isinstance(value, ModuleType):
                module = value.__name__
            else:
                module = getattr(value, "__module__", None)
            if module in LONG:
                return True
            methods = vars(value).values() if isinstance(value, type) else [value]
            queue += [method for method in methods if isinstance(method, FunctionType)]
    return False


def names_in(code: CodeType) -> set[str]:
    """Return the global names that a function's code uses, with those of its inner functions."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(names_in, inner))


def put_long_files_first(items: list[pytest.Item]) -> None:
    """Begin with the files that have long tests, and end with short files.

    One process of pytest runs the pipeline for the first file that uses `reproduced`. Meanwhile the
    others run the files that do not need it.
    """
    long = {item.path for item in items if item.get_closest_marker("long")}
    users = [item.path for item in items if "reproduced" in getattr(item, "fixturenames", ())]

    def order(item: pytest.Item) -> int:
        if item.path in users:
            return 0 if item.path == users[0] else 2
        return 1 if item.path in long else 3

    items.sort(key=lambda item: item.path, reverse=True)
    items.sort(key=order)
