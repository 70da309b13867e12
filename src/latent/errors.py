"""The exception for errors that a user can correct, and the reasons of other exceptions."""

import re

ADDRESS = re.compile(r" ?<[^<>]* at 0x[0-9a-f]+>")  # an object in memory, different in each run

# An address may contain a name and a password: http://name:password@host or ?password=password.
# A password may contain "/" and "@".
CREDENTIALS = re.compile(r"""://[^\s'"`]*@""")
PASSWORD = re.compile(r"""(?<=[?&])(password=)[^\s'"`&]*""", re.IGNORECASE)


class InputError(Exception):
    """An input cannot be used: a parameter, a file or a dataset.

    The message is one line that states what is wrong, where, and what is allowed. A stage prints it
    without a traceback and exits with code 1.
    """


def hide_credentials(text: str) -> str:
    """Return a text without the names and passwords in the addresses that it contains."""
    return CREDENTIALS.sub("://", PASSWORD.sub(r"\1***", text))


def describe(error: BaseException) -> str:
    """Return the reason of an exception as one line that is never empty.

    For an error of the operating system, the line contains neither its number nor a path.
    """
    text = getattr(error, "strerror", None) or ADDRESS.sub("", str(error))
    return " ".join(str(text).split()) or type(error).__name__
