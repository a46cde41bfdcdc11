"""Acting as a plugin's code does: under its run role, in a workspace, and undone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from meishi.database.identity import EVERYTHING

Administrator = psycopg.Connection[Any]

#: Where PostgreSQL raises when a policy, and no missing right, refuses a row.
_POLICY = "ExecWithCheckOptions"


@contextmanager
def acting_as(
    administrator: Administrator, role: str, workspace: UUID | None = None
) -> Iterator[None]:
    """Run a block as a role that has nothing of the administrator's; undo what it does.

    It reads what is kept from members, too.
    """
    with administrator.transaction(force_rollback=True):
        # Not SET ROLE: what the session's own user may become would count for this role, too.
        statement = sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(role))
        administrator.execute(statement)
        administrator.execute(
            "SELECT set_config('meishi.workspace', %s, true),"
            " set_config('meishi.reader', %s, true)",
            [str(workspace or ""), EVERYTHING],
        )
        yield


def is_denied(administrator: Administrator, statement: sql.Composed) -> bool:
    """Whether the server denies a statement for want of rights; the statement is undone.

    One that fails for another reason was let through.
    """
    try:
        with administrator.transaction(force_rollback=True):
            administrator.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        return error.diag.source_function != _POLICY
    except psycopg.Error:
        return False
    return False


def rows_reached(administrator: Administrator, statement: sql.Composed) -> int:
    """Return how many rows a statement writes, 0 if it is refused; the statement is undone.

    A row that fails in a constraint has passed every policy, and counts.
    """
    try:
        with administrator.transaction(force_rollback=True):
            return administrator.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0
    except psycopg.errors.IntegrityError:
        return 1
