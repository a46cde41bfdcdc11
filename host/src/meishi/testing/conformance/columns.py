"""The columns of plugins' tables, read from the catalogue, with what the models say of values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData

from meishi.database.provision import VERSION_TABLE
from meishi.lifecycle.contribution import Contribution
from meishi.testing.conformance.acting import Administrator

WORKSPACE = "workspace_id"

#: Key of a column's `info` in the models under which the plugin says which values it holds.
EXAMPLES = "examples"

#: Types whose made values differ from row to row.
_DISTINCT = frozenset(
    "uuid int2 int4 int8 numeric float4 float8 timestamptz timestamp bytea".split()
)

_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        coalesce(e.typname, b.typname, t.typname), e.oid IS NOT NULL, NOT a.attnotnull,
        a.atthasdef,
        (SELECT array_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l
         WHERE l.enumtypid = coalesce(e.oid, b.oid, t.oid))
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type b ON b.oid = t.typbasetype
    LEFT JOIN pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
    WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname <> %s AND a.attgenerated = ''
    ORDER BY n.nspname, c.relname, a.attnum
"""

_REFERENCES = """
    SELECT n.nspname, c.relname, a.attname, fn.nspname, fc.relname, fa.attname
    FROM pg_constraint k
    CROSS JOIN unnest(k.conkey, k.confkey) AS pair (mine, theirs)
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = pair.mine
    JOIN pg_class fc ON fc.oid = k.confrelid
    JOIN pg_namespace fn ON fn.oid = fc.relnamespace
    JOIN pg_attribute fa ON fa.attrelid = fc.oid AND fa.attnum = pair.theirs
    WHERE k.contype = 'f' AND n.nspname = ANY (%s)
"""

#: The columns of unique indexes, those inside of expressions included.
_UNIQUE = """
    SELECT n.nspname, c.relname, array_agg(DISTINCT a.attname::text)
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND (
        a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
        OR EXISTS (SELECT FROM pg_depend d WHERE x.indexprs IS NOT NULL
            AND d.objid = x.indexrelid AND d.refobjid = c.oid AND d.refobjsubid = a.attnum)
    )
    WHERE x.indisunique AND n.nspname = ANY (%s)
    GROUP BY n.nspname, c.relname, x.indexrelid
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands."""

    db_schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.db_schema}.{self.table}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredColumn:
    """A column that rows are written into.

    `type` is what SQL calls it, `base` the type's own name, of an array the items'. `crowded`
    is whether many rows have the same value, that of the first row of what it refers to.
    """

    place: Place
    type: str
    base: str
    array: bool
    nullable: bool
    has_default: bool
    examples: tuple[Any, ...] = ()
    refers_to: Place | None = None
    crowded: bool = False

    @property
    def distinct(self) -> bool:
        """Whether made values differ from row to row by themselves."""
        plain = not (self.examples or self.array or self.crowded)
        return plain and self.base in _DISTINCT


@dataclass(frozen=True, slots=True)
class StoredColumns:
    """The columns by their places, and the columns of each table's unique indexes."""

    by_place: Mapping[Place, StoredColumn]
    unique: Mapping[tuple[str, str], Sequence[frozenset[str]]]

    def tables(self) -> dict[tuple[str, str], list[StoredColumn]]:
        """Return the columns of each table, by db_schema and name."""
        found: dict[tuple[str, str], list[StoredColumn]] = {}
        for place, column in self.by_place.items():
            found.setdefault((place.db_schema, place.table), []).append(column)
        return found

    def unique_by(self, column: StoredColumn) -> list[frozenset[str]]:
        """Return the unique indexes that only this column, of all in them, can make so."""
        place = column.place
        return [
            names
            for names in self.unique.get((place.db_schema, place.table), ())
            if place.column in names
            and not any(
                self.by_place[other].distinct
                for name in names - {place.column, WORKSPACE}
                if (other := Place(place.db_schema, place.table, name)) in self.by_place
            )
        ]


def stored_columns(
    admin: Administrator, contributions: Sequence[Contribution], crowded: Collection[str]
) -> StoredColumns:
    """Return the columns of plugins' tables; those with one of the `crowded` names are that.

    What tells the rows of a table apart by itself is never crowded.
    """
    schemas = [item.plugin for item in contributions]
    models = {item.plugin: item.schemas.db for item in contributions}
    references = {
        Place(*row[:3]): Place(*row[3:])
        for row in admin.execute(_REFERENCES, [schemas])
        if row[2] != WORKSPACE
    }
    found = {Place(*row[:3]): row[3:] for row in admin.execute(_COLUMNS, [schemas, VERSION_TABLE])}
    unique: dict[tuple[str, str], list[frozenset[str]]] = {}
    for schema, table, names in admin.execute(_UNIQUE, [schemas]):
        unique.setdefault((schema, table), []).append(frozenset(names))
    columns = {
        place: StoredColumn(
            place=place,
            type=kind,
            base=base,
            array=array,
            nullable=nullable,
            has_default=has_default,
            examples=examples_of(models[place.db_schema], place) or tuple(labels or ()),
            refers_to=references.get(place) or _meant(place, found),
            crowded=place.column in crowded and not _is_key(place, unique),
        )
        for place, (kind, base, array, nullable, has_default, labels) in found.items()
    }
    return StoredColumns(columns, unique)


def _is_key(place: Place, unique: Mapping[tuple[str, str], Sequence[frozenset[str]]]) -> bool:
    indexes = unique.get((place.db_schema, place.table), ())
    return any(names - {WORKSPACE} == {place.column} for names in indexes)


def examples_of(metadata: MetaData | None, place: Place) -> tuple[Any, ...]:
    """Return which values the models say that a column holds."""
    table = None if metadata is None else metadata.tables.get(f"{place.db_schema}.{place.table}")
    column = None if table is None else table.columns.get(place.column)
    return () if column is None else tuple(column.info.get(EXAMPLES, ()))


def _meant(place: Place, among: Collection[Place]) -> Place | None:
    """Return the id that `<table>_id` means without a foreign key, which may not leave a plugin."""
    named = place.column.removesuffix("_id")
    if named == place.column:
        return None
    return next((it for it in among if (it.table, it.column) == (named, "id")), None)
