"""A sample row for any table: every column that needs one gets a value that its type takes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import MetaData

from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.columns import WORKSPACE, Place, examples_of

_COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), kind.typname,
        CASE kind.typtype WHEN 'm' THEN 'A' ELSE kind.typcategory::text END, a.atttypmod,
        (SELECT enumlabel FROM pg_enum WHERE enumtypid = kind.oid ORDER BY enumsortorder LIMIT 1)
    FROM pg_attribute a
    JOIN pg_type own ON own.oid = a.atttypid
    JOIN pg_type kind ON kind.oid = coalesce(nullif(own.typbasetype, 0), own.oid)
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
        AND a.attgenerated = '' AND a.attidentity <> 'a' AND a.attname <> 'workspace_id'
    ORDER BY a.attnum
"""
_CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"

#: The category of lists; multiranges are written as these are.
_ARRAY = "A"
#: By the category that PostgreSQL gives to every type.
_BY_CATEGORY = {
    _ARRAY: "{}", "B": "false", "D": "2026-01-01", "I": "127.0.0.1", "N": "0", "R": "empty",
    "S": "x", "T": "0", "V": "0",
}  # fmt: skip
_BY_TYPE = {
    "char": "x",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "json": "{}",
    "jsonb": "{}",
    "bytea": "",
    "tsquery": "",
    "tsvector": "",
    "hstore": "",
    "ltree": "x",
    "xid8": "0",
    "macaddr": "00:00:00:00:00:00",
    "point": "0, 0",
    "time": "00:00",
    "timetz": "00:00+00",
}


@dataclass(frozen=True, slots=True)
class SampleRow:
    """What to insert into one table, for any workspace."""

    schema: str
    table: str
    columns: tuple[str, ...]
    values: tuple[sql.Composable, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """The table's name."""
        return sql.Identifier(self.schema, self.table)

    def insert(self, workspace: UUID) -> sql.Composed:
        """Return the statement that inserts the row for a workspace."""
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            self.identifier,
            sql.SQL(", ").join(map(sql.Identifier, (WORKSPACE, *self.columns))),
            sql.SQL(", ").join([sql.Literal(workspace), *self.values]),
        )


def sample_row(
    administrator: Administrator, schema: str, table: str, models: MetaData | None
) -> SampleRow:
    """Return a row that fits the columns' types; examples that the models name come first.

    Checks of the table are dropped, so the caller must undo this.
    """
    name = sql.Identifier(schema, table)
    place = name.as_string()
    for (check,) in administrator.execute(_CHECKS, [place]).fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, sql.Identifier(check))
        administrator.execute(drop)
    columns: dict[str, sql.Composable] = {}
    for column, full_type, *kind in administrator.execute(_COLUMNS, [place]).fetchall():
        examples = examples_of(models, Place(schema, table, column))
        # Examples of a list are those of its items.
        value = examples[0] if examples and kind[1] != _ARRAY else _value(*kind)
        written = Jsonb(value) if isinstance(value, dict | list) else value
        columns[column] = sql.SQL("{}::{}").format(sql.Literal(written), sql.SQL(full_type))
    return SampleRow(schema, table, tuple(columns), tuple(columns.values()))


def _value(kind: str, category: str, modifier: int, label: str | None) -> str | None:
    """Return a value in the form in which PostgreSQL reads it; None for a type unknown here."""
    if label is not None:
        return label
    if kind == "vector":
        return f"[{', '.join('0' * max(modifier, 1))}]"
    return _BY_TYPE.get(kind, _BY_CATEGORY.get(category))
