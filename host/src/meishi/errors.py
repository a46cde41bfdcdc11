"""What an operator reads when something outside of Meishi's code is wrong."""


class OperatorError(Exception):
    """A fault that a person at the command line can mend: one line, and one hint how.

    The command line prints both and leaves with `exit_code`; no traceback is shown.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(OperatorError):
    """A setting is missing, unknown or has the wrong shape."""

    exit_code = 2


class DatabaseUnavailable(OperatorError):
    """PostgreSQL cannot be reached, or is not one that Meishi can work with."""

    exit_code = 3


class BootRefused(OperatorError):
    """The boot policy is strict and something about a plugin is wrong."""

    exit_code = 4
