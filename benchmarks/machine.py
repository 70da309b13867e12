"""What a measurement was made on and with."""

import platform
from importlib.metadata import version
from typing import Any

from latent.preprocess.faces.parallel import count_cores

LIBRARIES = ("keras", "numpy", "pillow", "simplejpeg", "tensorflow")


def describe_machine() -> dict[str, Any]:
    """Return the number of cores, the processor's architecture, and versions."""
    return {
        "cores": count_cores(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
    }
