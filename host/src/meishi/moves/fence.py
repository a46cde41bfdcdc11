"""The fence: nobody writes a plugin's tables any more, whatever they have not heard of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import LockNotAvailable

from meishi.database.reconciliation import APPEND_ONLY, rights_on
from meishi.moves.refusals import MoveFailed
from meishi.moves.tables import MovedTable

#: Who waits for longer lets others go first: shorter than the time after which somebody has to die.
_LOCK_MILLISECONDS = 400

#: The role that owns a db_schema, by whose name that of its code is known.
_OWNER = "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = %s"

_APPEND_ONLY = "SELECT obj_description(%s::regclass, 'pg_class') IS NOT DISTINCT FROM %s"


def lock(
    connection: Connection[Any], plugin: str, tables: Sequence[MovedTable], *, seconds: float
) -> None:
    """Wait until nobody is at a plugin's tables, and keep everybody out until the transaction ends.

    The server ends the transaction after so many seconds.

    :raises MoveFailed: if somebody does not let go of them
    """
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left * 1000 < 2 * _LOCK_MILLISECONDS:
            raise MoveFailed(
                f"Somebody is at the tables of {plugin} for longer than the pause may last.",
                hint="`--pause-at-most` allows a longer one.",
            )
        connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_MILLISECONDS}ms'".encode())
        limit(connection, left)
        try:
            if tables:
                names = sql.SQL(", ").join(table.named for table in tables)
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
        except LockNotAvailable:
            connection.rollback()
            continue
        connection.execute("SET LOCAL lock_timeout = '2s'")
        return


def limit(connection: Connection[Any], seconds: float) -> None:
    """Have the server end the transaction, and the connection, after so many seconds."""
    milliseconds = int(seconds * 1000) + 1
    connection.execute(f"SET LOCAL transaction_timeout = '{milliseconds}ms'".encode())


def empty(connection: Connection[Any], tables: Sequence[MovedTable]) -> None:
    """Delete all rows of a plugin."""
    if tables:
        names = sql.SQL(", ").join(table.named for table in tables)
        connection.execute(sql.SQL("TRUNCATE {}").format(names))


def close(connection: Connection[Any], plugin: str, tables: Sequence[MovedTable]) -> None:
    """Take from a plugin's code what it may do with its tables; revisions are still read."""
    run = _run_role(connection, plugin)
    for table in tables:
        connection.execute(sql.SQL("REVOKE ALL ON TABLE {} FROM {}").format(table.named, run))
    connection.execute(
        sql.SQL("REVOKE ALL ON ALL ROUTINES IN SCHEMA {} FROM {}").format(
            sql.Identifier(plugin), run
        )
    )


def open_again(connection: Connection[Any], plugin: str, tables: Sequence[MovedTable]) -> None:
    """Give a plugin's code back what it may do with its tables."""
    run = _run_role(connection, plugin)
    for table in tables:
        named = table.named.as_string(connection)
        row = connection.execute(_APPEND_ONLY, (named, APPEND_ONLY)).fetchone()
        rights = rights_on(plugin, table.name, append_only=bool(row and row[0]))
        connection.execute(
            sql.SQL("GRANT {} ON TABLE {} TO {}").format(
                sql.SQL(", ").join(sql.SQL(right) for right in rights.split(", ")),
                table.named,
                run,
            )
        )
    connection.execute(
        sql.SQL("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {} TO {}").format(
            sql.Identifier(plugin), run
        )
    )


def _run_role(connection: Connection[Any], plugin: str) -> sql.Identifier:
    row = connection.execute(_OWNER, (plugin,)).fetchone()
    if row is None:
        raise MoveFailed(f"There is no db_schema {plugin} in the database.")
    return sql.Identifier(f"{str(row[0]).strip(chr(34)).removesuffix('_owner')}_run")
