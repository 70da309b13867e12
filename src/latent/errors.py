"""The exception for errors that a user can correct."""


class InputError(Exception):
    """An input cannot be used: a parameter, a file or a dataset.

    The message is one line that states what is wrong, where, and what is allowed. A stage prints it
    without a traceback and exits with code 1.
    """
