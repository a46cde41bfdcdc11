"""Copying rows from one database to another: all at one snapshot, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql

from meishi.moves.tables import MovedTable, columns

_ALL = "SELECT {columns} FROM {table}"

#: Written by a transaction that the snapshot may not show. Numbers of transactions go in a circle:
#: of two the older is less than half of it behind. What is old all the same is copied once more.
_SINCE = """
    SELECT {columns} FROM {table}
    WHERE (xmin::text::bigint - {oldest} + 4294967296) %% 4294967296 < 2147483648
"""

_LAP = 4294967296

_COPY_OUT: LiteralString = "COPY ({query}) TO STDOUT (FORMAT binary)"
_COPY_IN: LiteralString = "COPY {table} ({columns}) FROM STDIN (FORMAT binary)"

#: Of rows of both sides that are the same this is the same, whatever their order.
_SUM = """
    SELECT count(*), coalesce(sum(hashtextextended(ROW({columns})::text, 0)::numeric), 0)::text,
        coalesce(sum(hashtextextended(ROW({columns})::text, 1)::numeric), 0)::text
    FROM {table}
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a table: how many rows, and a checksum of them that knows no order."""

    rows: int
    checksum: str


def snapshot(connection: Connection[Any]) -> int:
    """Begin to see the database as it is now; return the oldest transaction that is not over."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    row = connection.execute(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    ).fetchone()
    assert row is not None
    return int(row[0])


def copy_all(source: Connection[Any], target: Connection[Any], table: MovedTable) -> None:
    """Copy all rows of a table that is empty on the other side."""
    query = sql.SQL(_ALL).format(columns=table.listed, table=table.named)
    _stream(source, target, query, table.named, table.listed)


def copy_since(
    source: Connection[Any], target: Connection[Any], table: MovedTable, oldest: int
) -> None:
    """Bring a table over there to what it is here, after it was copied at a snapshot.

    `oldest` is the oldest transaction that was not over then. Nobody may write meanwhile.
    """
    if not table.key or table.partitioned:
        target.execute(sql.SQL("TRUNCATE {}").format(table.named))
        copy_all(source, target, table)
        return
    since = sql.SQL(_SINCE.replace("%%", "%")).format(
        columns=table.listed, table=table.named, oldest=sql.Literal(oldest % _LAP)
    )
    _brought(source, target, table, table.columns, since, "brought")
    target.execute(
        sql.SQL("DELETE FROM {table} AS old USING pg_temp.brought AS new WHERE {same}").format(
            table=table.named, same=_same(table)
        )
    )
    new = sql.Identifier("pg_temp", "brought")
    if _count(source, table.named) != _count(target, table.named) + _count(target, new):
        # What is gone goes before the rest comes, which may have what was unique of it.
        keys = sql.SQL(_ALL).format(columns=columns(table.key), table=table.named)
        _brought(source, target, table, table.key, keys, "present")
        target.execute(
            sql.SQL(
                "DELETE FROM {table} AS old "
                "WHERE NOT EXISTS (SELECT FROM pg_temp.present AS new WHERE {same})"
            ).format(table=table.named, same=_same(table))
        )
    target.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {new}"
        ).format(table=table.named, columns=table.listed, new=new)
    )


def contents(connection: Connection[Any], table: MovedTable) -> Contents:
    """Return how many rows a table has, and their checksum."""
    statement = sql.SQL(_SUM).format(columns=table.listed, table=table.named)
    row = connection.execute(statement).fetchone()
    assert row is not None
    return Contents(row[0], f"{row[1]} {row[2]}")


def _brought(
    source: Connection[Any],
    target: Connection[Any],
    table: MovedTable,
    names: tuple[str, ...],
    query: sql.Composed,
    name: str,
) -> None:
    """Put what a query of the source gives into a table of this connection alone."""
    into = sql.Identifier("pg_temp", name)
    target.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(into))
    target.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {into} ON COMMIT DROP AS SELECT {columns} FROM {table} "
            "WITH NO DATA"
        ).format(into=into, columns=columns(names), table=table.named)
    )
    _stream(source, target, query, into, columns(names))


def _stream(
    source: Connection[Any],
    target: Connection[Any],
    query: sql.Composed,
    table: sql.Identifier,
    listed: sql.Composed,
) -> None:
    out = sql.SQL(_COPY_OUT).format(query=query)
    into = sql.SQL(_COPY_IN).format(table=table, columns=listed)
    with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(out) as blocks,
        writing.copy(into) as taken,
    ):
        for block in blocks:
            taken.write(block)


def _same(table: MovedTable) -> sql.Composed:
    pairs = [
        sql.SQL("old.{name} = new.{name}").format(name=sql.Identifier(name)) for name in table.key
    ]
    return sql.SQL(" AND ").join(pairs)


def _count(connection: Connection[Any], table: sql.Identifier) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    assert row is not None
    return int(row[0])
