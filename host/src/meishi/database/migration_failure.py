"""What an operator reads when a plugin's migration fails."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError

from meishi.errors import OperatorError


class MigrationFailed(OperatorError):
    """A revision raised, or made what may not be; its plugin's db_schema is as it was before."""

    exit_code = 5


def is_away(error: BaseException) -> bool:
    """Whether the connection failed, rather than a statement on it."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def in_one_line(error: BaseException) -> str:
    """Say what failed, with the statement if it was one."""
    if isinstance(error, DBAPIError):
        statement = " ".join((error.statement or "").split())
        return f"{str(error.orig).strip().splitlines()[0]} [in: {statement[:300]}]"
    return f"{type(error).__name__}: {error}"
