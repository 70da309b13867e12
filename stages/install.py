"""Installs packages into this environment: `python stages/install.py --requirement FILE`.

The arguments are those of `pip install`. uv installs the packages in a fraction of pip's time, but
does not read pip's configuration. Therefore pip installs uv, and uv is given pip's settings. If uv
fails, for example because an index asks for a password, pip installs the packages. This module uses
only the standard library.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
PINS = Path(__file__).parents[1] / "requirements-dev.txt"  # has the version of uv
UV = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable)

# Settings of pip, and the environment variables by which uv reads the same.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
# As pip does, use the certificates of the system and compare the versions in all indexes. Packages
# without a wheel are built with the pinned setuptools. uv splits this path at spaces, so it is
# relative.
DEFAULTS = {
    "UV_SYSTEM_CERTS": "true",
    "UV_INDEX_STRATEGY": "unsafe-best-match",
    "UV_BUILD_CONSTRAINT": "requirements.txt",
}


def translate(configuration: Iterable[str]) -> dict[str, str]:
    """Return pip's settings as environment variables of uv.

    Args:
        configuration: lines of `pip config list`, such as `global.index-url='https://…'`.
    """
    values = {}
    for line in configuration:
        key, _, quoted = line.partition("=")
        values[key] = str(ast.literal_eval(quoted)).split()
    variables = dict(DEFAULTS)
    # A section overrides those before it, as for `pip install`.
    for section in ("global", "install", ":env:"):
        for setting, variable in SETTINGS.items():
            value = values.get(f"{section}.{setting}")
            if value is not None:
                variables[variable] = ("," if setting == "find-links" else " ").join(value)
    return variables


def install(arguments: Sequence[str]) -> int:
    """Install packages and return the exit status.

    Args:
        arguments: arguments of `pip install`.
    """
    if message := run(*PIP, "install", "--quiet", *find_uv()):
        return fail(message)
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True)
    settings = translate(listed.stdout.splitlines())
    if message := run(*UV, *arguments, **settings):
        sys.stderr.write(f"uv: {message.splitlines()[0]}\nInstalling with pip, in a few minutes\n")
        if message := run(*PIP, "install", "--quiet", *arguments):
            return fail(message)
    return 0


def find_uv() -> list[str]:
    """Return the requirement of uv with its version."""
    return re.findall(r"^uv==\S+", PINS.read_text(encoding="utf-8"), re.MULTILINE)


def run(*command: str, **settings: str) -> str:
    """Run a command and return why it failed, or an empty string.

    Args:
        command: command and arguments.
        settings: environment variables. Those that the user has set override them.
    """
    done = subprocess.run(
        command, env={**settings, **os.environ}, stderr=subprocess.PIPE, text=True, check=False
    )
    return (done.stderr.strip() or f"exit status {done.returncode}") if done.returncode else ""


def fail(message: str) -> int:
    """Print in one line why pip failed, and return the exit status of a failure.

    Args:
        message: standard error of pip.
    """
    # pip warns of connections that fail, and then reports that a package does not exist.
    broken = re.search(r"connection broken by '(\w+)", message)
    last = message.splitlines()[-1].removeprefix("ERROR: ")
    reason = f"no connection to the package index ({broken[1]})" if broken else last
    sys.stderr.write(
        f"ERROR: {sys.prefix}: packages are missing: {reason}; check the network and pip's "
        "settings (`pip config list`), and run the same command again\n"
    )
    return 1


if __name__ == "__main__":
    try:
        sys.exit(install(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
