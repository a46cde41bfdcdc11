"""The tables of a plugin: what is copied of them, and whether both sides have the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from meishi.database.provision import VERSION_TABLE

#: Generated values come by themselves, and numbers of transactions mean nothing elsewhere.
_TABLES = """
    SELECT c.relname, c.relkind = 'p',
        array(SELECT a.attname::text FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype ORDER BY a.attname),
        array(SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
              FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname),
        array(SELECT a.attname::text FROM pg_index AS i
              JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
              WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> %s
    ORDER BY c.relname
"""

_SEQUENCES = """
    SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = %s ORDER BY sequencename
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTable:
    """A table: its columns that are copied, all with their types, and those of its primary key."""

    db_schema: str
    name: str
    partitioned: bool
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def named(self) -> sql.Identifier:
        """The table's name in statements."""
        return sql.Identifier(self.db_schema, self.name)

    @property
    def listed(self) -> sql.Composed:
        """The columns that are copied, in statements."""
        return columns(self.columns)


def columns(names: tuple[str, ...]) -> sql.Composed:
    """Return names of columns for statements."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def tables(connection: Connection[Any], db_schema: str) -> list[MovedTable]:
    """Return the tables of a db_schema by their names, but for the one of the revisions."""
    return [
        MovedTable(
            db_schema=db_schema,
            name=name,
            partitioned=partitioned,
            columns=tuple(copied),
            types=tuple(types),
            key=tuple(key),
        )
        for name, partitioned, copied, types, key in connection.execute(
            _TABLES, (db_schema, VERSION_TABLE)
        )
    ]


def revision(connection: Connection[Any], db_schema: str) -> str:
    """Return up to where a plugin's revisions are applied; empty if none is."""
    found = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", (f"{db_schema}.{VERSION_TABLE}",)
    ).fetchone()
    if found is None or not found[0]:
        return ""
    statement = sql.SQL("SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM {}")
    row = connection.execute(statement.format(sql.Identifier(db_schema, VERSION_TABLE))).fetchone()
    return str(row[0] or "") if row else ""


def copy_sequences(source: Connection[Any], target: Connection[Any], db_schema: str) -> None:
    """Have the sequences of the target go on where those of the source are."""
    for name, value, called in source.execute(_SEQUENCES, (db_schema,)):
        target.execute(
            "SELECT setval(%s::regclass, %s, %s)",
            (sql.Identifier(db_schema, name).as_string(target), value, called),
        )
