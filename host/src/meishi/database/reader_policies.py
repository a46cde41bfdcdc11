"""Rows that are kept from some members: the policies of tables with `readers`.

A table with the columns `readers` and `writers`, both `uuid[]`, says in each row which users see
it, and which may change it; null stands for everybody in the workspace. What refers to such a row
by a foreign key is seen by those who see that, and changed by those who may change that. Rows are
added by whoever may add any: one statement may write both, and does not see what it has written.
Whoever gives a row away does so past the policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from meishi.database.identity import EVERYTHING, READER_SETTING
from meishi.database.roles import quoted

#: Runs a statement without values, and returns its rows.
Ask = Callable[[str], Sequence[Sequence[Any]]]

#: The columns that say who sees a row, and who may change it.
KEPT = ("readers", "writers")

_SEES_ALL = f"current_setting('{READER_SETTING}', true) = '{EVERYTHING}'"
_READER = f"nullif(nullif(current_setting('{READER_SETTING}', true), ''), '{EVERYTHING}')::uuid"

#: Tables of a db_schema that have both columns.
_KEEPING = """
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = to_regnamespace('{schema}') AND c.relkind IN ('r', 'p')
        AND 2 = (SELECT count(*) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname IN ('readers', 'writers')
                AND a.atttypid = 'uuid[]'::regtype AND NOT a.attisdropped)
    ORDER BY 1
"""
#: Which columns of which tables refer to which of theirs: one row for each pair.
_REFERENCES = """
    SELECT child.relname::text, key.oid::bigint, parent.relname::text, own.attname::text,
        other.attname::text
    FROM pg_constraint key
    JOIN pg_class child ON child.oid = key.conrelid
    JOIN pg_class parent ON parent.oid = key.confrelid
    CROSS JOIN LATERAL unnest(key.conkey, key.confkey) AS pair (here, there)
    JOIN pg_attribute own ON own.attrelid = child.oid AND own.attnum = pair.here
    JOIN pg_attribute other ON other.attrelid = parent.oid AND other.attnum = pair.there
    WHERE key.contype = 'f' AND child.relnamespace = to_regnamespace('{schema}')
        AND parent.relnamespace = child.relnamespace AND parent.oid <> child.oid
        AND key.conparentid = 0
    ORDER BY 1, key.conname, other.attname
"""


@dataclass(frozen=True, slots=True)
class ReaderPolicy:
    """A policy that narrows the one of the workspace, for one command on a table."""

    table: str
    command: str
    using: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"kept_{self.command.lower()}"

    def statement(self, schema: str, name: str | None = None) -> str:
        """Return the statement that creates it, under another name if one is given."""
        return (
            f"CREATE POLICY {name or self.name} ON {quoted(schema)}.{quoted(self.table)}"
            f" AS RESTRICTIVE FOR {self.command} USING ({self.using})"
        )


def reader_policies(ask: Ask, schema: str) -> Iterator[ReaderPolicy]:
    """Yield what narrows the policies of a plugin's tables, by what their columns and keys are."""
    keeping = [name for (name,) in ask(_KEEPING.format(schema=quoted(schema)))]
    for table in keeping:
        yield from _policies(table, _named("readers"), _named("writers"))
    if not keeping:
        return
    references = ask(_REFERENCES.format(schema=quoted(schema)))
    for table, rows in groupby(references, key=itemgetter(0)):
        keys = [list(pairs) for _, pairs in groupby(rows, key=itemgetter(1))]
        keys = [pairs for pairs in keys if pairs[0][2] in keeping and table not in keeping]
        if keys:
            seen = " AND ".join(_referred(schema, table, pairs, "true") for pairs in keys)
            written = " AND ".join(
                _referred(schema, table, pairs, _named("p.writers")) for pairs in keys
            )
            written = f"{_SEES_ALL} OR ({written})"
            yield from _policies(table, f"{_SEES_ALL} OR ({seen})", written)


def _policies(table: str, seen: str, written: str) -> Iterator[ReaderPolicy]:
    yield ReaderPolicy(table, "SELECT", using=seen)
    yield ReaderPolicy(table, "UPDATE", using=written)
    yield ReaderPolicy(table, "DELETE", using=written)


def _named(column: str) -> str:
    """Return whether nobody in particular, or who reads, stands in a column."""
    return f"{column} IS NULL OR {_SEES_ALL} OR {_READER} = ANY ({column})"


def _referred(schema: str, table: str, pairs: Sequence[Sequence[Any]], wanted: str) -> str:
    """Return whether there is a row that a key refers to, for who reads, of which more holds."""
    parent = f"{quoted(schema)}.{quoted(pairs[0][2])} p"
    same = " AND ".join(
        f"p.{quoted(there)} = {quoted(table)}.{quoted(here)}" for *_, here, there in pairs
    )
    return f"EXISTS (SELECT FROM {parent} WHERE {same} AND ({wanted}))"
