"""Writing many rows at once: COPY into a temporary table, then one INSERT … SELECT.

COPY itself is refused under row security.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from psycopg import Copy
from sqlalchemy import JSON, Column, Table
from sqlalchemy.dialects.postgresql import ARRAY

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

#: Turns a value into what COPY takes.
_Writer = Callable[[Any], object]


@contextmanager
def staged(
    table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[None]:
    """Lend rows, without their workspace, in the temporary table of the same name."""
    writers = [_writer(table.c[name]) for name in columns]
    with _temporary(table, columns):
        with _copying(table, columns) as copy:
            for row in _written(rows, writers) if any(writers) else rows:
                copy.write_row(row)
        yield


@contextmanager
def staged_lines(table: Table, columns: Sequence[str], lines: Iterable[str]) -> Iterator[None]:
    """Lend rows as `staged` does; they are lines as COPY reads them, tabs between their columns."""
    with _temporary(table, columns):
        with _copying(table, columns) as copy:
            copy.write("".join(lines))
        yield


def copy_text(text: str) -> str:
    """Return a text without control characters as it stands in a line of COPY."""
    return text.replace("\\", "\\\\")


@contextmanager
def _temporary(table: Table, columns: Sequence[str]) -> Iterator[None]:
    names = ", ".join(columns)
    run(f"CREATE TEMP TABLE {table.name} AS SELECT {names} FROM {table.fullname} WITH NO DATA")
    yield
    run(f"DROP TABLE pg_temp.{table.name}")


@contextmanager
def _copying(table: Table, columns: Sequence[str]) -> Iterator[Copy]:
    driver = current_connection().connection.driver_connection
    assert driver is not None  # the connection is in use
    names = ", ".join(columns)
    with driver.cursor().copy(f"COPY pg_temp.{table.name} ({names}) FROM STDIN") as copy:
        yield copy


def insert_staged(table: Table, columns: Sequence[str], *, order: str | None = None) -> None:
    """Insert the rows that wait in the temporary table."""
    names = ", ".join(columns)
    run(
        f"INSERT INTO {table.fullname} (workspace_id, {names})"
        f" SELECT %(workspace)s::uuid, {names} FROM pg_temp.{table.name}"
        + (f" ORDER BY {order}" if order else "")
    )


def copy_rows(
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    order: str | None = None,
) -> None:
    """Insert rows of the current workspace."""
    with staged(table, columns, rows):
        insert_staged(table, columns, order=order)


def run(statement: str, **values: object) -> int:
    """Run a statement in the current workspace; return how many rows it wrote."""
    values["workspace"] = current_workspace()
    used: Mapping[str, object] = {
        name: value for name, value in values.items() if f"%({name})s" in statement
    }
    return current_connection().exec_driver_sql(statement, used or None).rowcount


def _written(
    rows: Iterable[Sequence[object]], writers: Sequence[_Writer | None]
) -> Iterator[Sequence[object]]:
    for row in rows:
        cells = zip(writers, row, strict=True)
        yield [write(value) if write else value for write, value in cells]


def _writer(column: Column[Any]) -> _Writer | None:
    """Return what turns a value into what COPY takes; None if it takes that as it is."""
    if isinstance(column.type, ARRAY):
        return _array
    return _json if isinstance(column.type, JSON) else None


def _array(items: Sequence[str]) -> object:
    """Return an array as it is written; the driver takes its time for a list."""
    plain = '","'.join(items)
    if "\\" in plain or plain.count('"') != 2 * max(0, len(items) - 1):
        return list(items)
    return f'{{"{plain}"}}' if items else "{}"


def _json(document: object) -> str:
    return msgspec.json.encode(document).decode()
