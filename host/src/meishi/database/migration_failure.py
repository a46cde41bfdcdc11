"""What an operator reads when a plugin's migration fails."""

from __future__ import annotations

from psycopg import errors
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


def what_to_do(error: BaseException, db_schema: str) -> str:
    """Return the hint for a revision that failed; one that reached too far is told its place."""
    reached = (errors.InsufficientPrivilege, errors.InvalidSchemaName)
    if isinstance(error, DBAPIError) and isinstance(error.orig, reached):
        return (
            "Nothing of it was kept. A revision has rights in its own db_schema only, "
            f"which it names: schema={db_schema!r}."
        )
    return "Nothing of it was kept."
