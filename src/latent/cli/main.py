"""Entry point of the command `latent`: how it ends after an error."""

import logging
import sys
import warnings
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

INTERRUPTED = 130  # exit code after Ctrl-C, as in a shell


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and report errors in one line on standard error.

    The exit code is 0; 1 after an `InputError` or an error of the operating system, such as a full
    disk; 2 after a usage error; and 130 after Ctrl-C.

    Args:
        arguments: what follows `latent`. By default, the arguments of this process.
    """
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("Interrupted.\n")
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    # Imported here, so that Ctrl-C is handled during the imports too.
    from typer import TyperException  # noqa: PLC0415

    from latent.cli.app import app  # noqa: PLC0415
    from latent.errors import InputError, describe  # noqa: PLC0415

    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, force=True)
    if not sys.warnoptions:
        # Libraries warn about images that they can read nevertheless.
        warnings.simplefilter("ignore")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # Latin-1, for example, has no "–"
    try:
        # Typer returns the code of an early exit, such as 0 after --help and 130 after Ctrl-C.
        code: int | None = app(
            args=list(arguments) or ["--help"], prog_name="latent", standalone_mode=False
        )
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else f"latent {arguments[0]}"
        message = error.format_message().removesuffix(".")
        return _fail(f"{message}; see `{command} --help`", error.exit_code)
    except InputError as error:
        return _fail(str(error), 1)
    except ModuleNotFoundError as error:
        reason = "KERAS_BACKEND may name it; docs/accelerators.md has the allowed backends"
        return _fail(f"the package {error.name} is not installed: {reason}", 1)
    except OSError as error:
        return _fail(f"{error.filename or Path.cwd()}: {describe(error)}", 1)
    return code or 0


def _fail(message: str, code: int) -> int:
    # The name of a file may contain a line break.
    sys.stderr.write(f"ERROR: {' '.join(message.split())}\n")
    return code


if __name__ == "__main__":
    main()
