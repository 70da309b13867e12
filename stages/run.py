"""How every stage runs: one process at a time, with errors as one line."""

import gc
import logging
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from latent.errors import InputError, describe
from latent.io.files import whole_file
from latent.locks import exclusive
from stages.progress import announce

CACHE = Path(".cache")
# DVC rewrites dvc.lock in place after each stage. `stages.repair_lock` restores this copy of it.
LOCK, LOCK_COPY = Path("dvc.lock"), CACHE / "dvc.lock"


def run(stage: Callable[..., None]) -> None:
    """Call `stage` with the command line's arguments, and report errors in one line.

    The exit code is 1 after an `InputError` or an error of the operating system, such as a full
    disk, and 130 after Ctrl-C. A second process with the same arguments is refused.
    """
    # Freezing excludes the imported modules from all later collections, also from the one at exit,
    # which would take a second with TensorFlow.
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # `force` replaces the handlers that imported libraries may have installed.
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)
    logging.getLogger("latent").setLevel(logging.INFO)
    command = " ".join([Path(sys.argv[0]).stem, *sys.argv[1:]])
    try:
        with exclusive(CACHE / "locks", command):
            _copy_lock()
            announce()
            stage(*sys.argv[1:])
    except InputError as error:
        sys.exit(f"ERROR: {error}")
    except OSError as error:
        # On a full disk the error may lack the file's name, and with NumPy also the reason.
        hint = " (is the disk full?)" if str(error).endswith(" written") else ""
        sys.exit(f"ERROR: {error.filename or Path.cwd()}: {describe(error)}{hint}")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run the same command again to continue.\n")
        sys.exit(130)


def _copy_lock() -> None:
    if LOCK.exists():
        with whole_file(LOCK_COPY) as path:
            shutil.copyfile(LOCK, path)
    else:
        LOCK_COPY.unlink(missing_ok=True)
