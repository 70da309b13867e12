"""The one kind of error that is the user's to mend."""


class InputError(Exception):
    """Something the user gave cannot be used: a parameter, a file, a data set.

    The message is one line that says what is wrong, where, and what is allowed; a stage prints it
    without a traceback and exits with code 1.
    """
