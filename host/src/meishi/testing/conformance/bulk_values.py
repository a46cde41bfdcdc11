"""Values of made rows: SQL that the number of a row decides, and the same texts in Python."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from psycopg import sql

from meishi.database.reader_policies import KEPT
from meishi.testing.conformance.columns import WORKSPACE, StoredColumn, StoredColumns

#: Rows of a workspace that have a text in common, unless an index is unique: more than a page.
ALIKE = 64
#: One row in so many has the last of several examples, or a time where there need be none.
RARE = 500

_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_LENGTH = 12

#: How a number becomes a value, by the type's own name.
_BY_NUMBER = {
    **dict.fromkeys(("int4", "int8", "numeric", "float4", "float8"), "{at} + 1"),
    **dict.fromkeys(("timestamptz", "timestamp", "date"), "now() - ({at}) * interval '1 minute'"),
    "int2": "({at}) % 32767 + 1",
    "xid8": "(({at}) + 3)::text",
    "bool": "({at}) % 10 = 3",
    "bytea": "decode(md5(({at})::text), 'hex')",
    "interval": "({at}) * interval '1 minute'",
    "time": "time '00:00' + ({at}) * interval '1 minute'",
    "inet": "inet '10.0.0.0' + ({at})",
}
_TEXTS = frozenset({"text", "varchar", "bpchar", "citext"})
_RARE = frozenset({"timestamptz", "timestamp", "date"})
_EMPTY = {"json": "{}", "jsonb": "{}", "hstore": "", "tsvector": ""}


class Unfillable(Exception):
    """Nobody says which values a column takes."""


@dataclass(frozen=True, slots=True)
class MadeRow:
    """What SQL calls a row's number, in its workspace and among all, and the texts of these.

    `alike` is the text that it has in common with others.
    """

    within: str
    overall: str
    alike: str
    text: str
    overall_text: str


def text_sql(number: str) -> str:
    """Return the SQL of the text of a number: `text_of`, as the server makes it."""
    return f"left(translate(md5(({number})::text), '0123456789', 'ghijklmnop'), {_LENGTH})"


def text_of(number: int) -> str:
    """Return the text that a row has in columns without examples."""
    digest = md5(str(number).encode(), usedforsecurity=False).hexdigest()
    return digest.translate(_LETTERS)[:_LENGTH]


def value_of(columns: StoredColumns, column: StoredColumn, row: MadeRow) -> sql.Composable | None:
    """Return a column's value in a row, None to leave the column out; raise `Unfillable`."""
    if column.place.column == WORKSPACE:
        return sql.SQL("r.workspace")
    source = _source(columns, column)
    if column.place.column in KEPT:
        return None  # everybody sees it
    if source.examples:
        made = _example(source, row)
    elif source.array:
        made = sql.SQL("'{}'")
    elif source.base == "uuid":
        made = sql.SQL("md5({} || ({}))::uuid").format(str(source.place), sql.SQL(row.overall))
    elif source.base in _EMPTY:
        made = sql.Literal(_EMPTY[source.base])
    elif source.base in _TEXTS:
        made = _text(columns, source, row)
    elif source.base in _BY_NUMBER:
        made = _by_number(columns, source, row)
    elif column.nullable or column.has_default:
        return None
    else:
        raise Unfillable(f"nobody knows the values of {column.place.column} ({column.type})")
    return sql.SQL("({})::{}").format(made, sql.SQL(column.type))


def _source(columns: StoredColumns, column: StoredColumn) -> StoredColumn:
    """Return the column that a column refers to, wherever that refers to, or the column itself."""
    seen = {column.place}
    while (place := column.refers_to) and place in columns.by_place and place not in seen:
        column = columns.by_place[place]
        seen.add(place)
    return column


def _text(columns: StoredColumns, column: StoredColumn, row: MadeRow) -> sql.Composable:
    unique = columns.unique_by(column)
    if not unique:
        return sql.SQL(row.alike)
    return sql.SQL(row.text if _in_workspaces(unique) else row.overall_text)


def _by_number(columns: StoredColumns, column: StoredColumn, row: MadeRow) -> sql.Composable:
    apart = _in_workspaces(columns.unique_by(column))
    made = _BY_NUMBER[column.base].format(at=row.within if apart else row.overall)
    if column.nullable and column.base in _RARE:
        made = f"CASE WHEN {row.within} % {RARE} = 7 THEN {made} END"
    return sql.SQL(made)


def _in_workspaces(unique: Iterable[Collection[str]]) -> bool:
    """Whether other workspaces may have the same values, whatever is unique."""
    return all(WORKSPACE in names for names in unique)


def _example(column: StoredColumn, row: MadeRow) -> sql.Composable:
    """Return one of the examples, the last of which is rare."""
    *usual, rare = (sql.Literal(_written(column, example)) for example in column.examples)
    if not usual:
        return rare
    chosen = sql.SQL("(ARRAY[{}])[1 + {} % {}]").format(
        sql.SQL(", ").join(usual), sql.SQL(row.within), sql.Literal(len(usual))
    )
    return sql.SQL("CASE WHEN {} % {} = 7 THEN {} ELSE {} END").format(
        sql.SQL(row.within), sql.Literal(RARE), rare, chosen
    )


def _written(column: StoredColumn, example: Any) -> str:
    """Return an example as the text that the server reads it from."""
    if column.base in {"json", "jsonb"}:
        return json.dumps(example)
    if isinstance(example, bytes):
        return f"\\x{example.hex()}"
    # JSON quotes an item as an array's text does.
    return f"{{{json.dumps(str(example), ensure_ascii=False)}}}" if column.array else str(example)
