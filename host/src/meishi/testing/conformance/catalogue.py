"""The catalogue: every object that somebody made in a database, by kind, db_schema and name."""

from __future__ import annotations

from dataclasses import dataclass

from meishi.database.provision import EXTENSIONS_SCHEMA, VERSION_TABLE
from meishi.lifecycle.manifest import Manifest
from meishi.testing.conformance.acting import Administrator

#: Kinds of objects that stand in a db_schema: their catalogue, and its column with the db_schema.
_IN_SCHEMAS = {
    "pg_class": "relnamespace",
    "pg_proc": "pronamespace",
    "pg_type": "typnamespace",
    "pg_operator": "oprnamespace",
    "pg_opclass": "opcnamespace",
    "pg_opfamily": "opfnamespace",
    "pg_collation": "collnamespace",
    "pg_conversion": "connamespace",
    "pg_constraint": "connamespace",
    "pg_statistic_ext": "stxnamespace",
    "pg_ts_config": "cfgnamespace",
    "pg_ts_dict": "dictnamespace",
}
#: Kinds that belong to a table, and the column that says to which.
_OF_TABLES = {"pg_trigger": "tgrelid", "pg_policy": "polrelid", "pg_rewrite": "ev_class"}
#: Kinds that belong to the database as a whole.
_AT_LARGE = (
    "pg_cast", "pg_event_trigger", "pg_extension", "pg_foreign_data_wrapper",
    "pg_foreign_server", "pg_language", "pg_publication",
)  # fmt: skip
#: A table's row type and the array types go with it; triggers of foreign keys go with those.
_IMPLIED = {
    "pg_type": " WHERE typcategory <> 'A' AND (typrelid = 0 OR EXISTS"
    " (SELECT FROM pg_class c WHERE c.oid = typrelid AND c.relkind = 'c'))",
    "pg_trigger": " WHERE NOT tgisinternal",
}

_COLUMNS = """
    SELECT 'pg_class'::regclass, c.oid, attnum, relnamespace FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    WHERE attnum > 0 AND NOT attisdropped
"""
# ruff: noqa: S608 (all of it is constants)
_SOURCES = (
    "SELECT 'pg_namespace'::regclass, oid, 0, oid FROM pg_namespace",
    _COLUMNS,
    *(
        f"SELECT '{name}'::regclass, oid, 0, {column} FROM {name}{_IMPLIED.get(name, '')}"
        for name, column in _IN_SCHEMAS.items()
    ),
    *(
        f"SELECT '{name}'::regclass, o.oid, 0, c.relnamespace FROM {name} o "
        f"JOIN pg_class c ON c.oid = o.{column}{_IMPLIED.get(name, '')}"
        for name, column in _OF_TABLES.items()
    ),
    *(f"SELECT '{name}'::regclass, oid, 0, NULL FROM {name}" for name in _AT_LARGE),
)
#: Members of extensions stand for nobody; numbers below 16384 are PostgreSQL's own.
_OBJECTS = f"""
    SELECT DISTINCT named.type, n.nspname, named.identity
    FROM ({" UNION ALL ".join(_SOURCES)}) AS object (class, oid, part, schema)
    LEFT JOIN pg_namespace n ON n.oid = object.schema
    CROSS JOIN LATERAL pg_identify_object(object.class, object.oid, object.part) AS named
    WHERE object.oid >= 16384 AND coalesce(n.nspname, '') !~ '^pg_(toast|temp)'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e'
            AND d.classid = object.class AND d.objid = object.oid)
"""


@dataclass(frozen=True, slots=True, order=True)
class CatalogueObject:
    """One object of the database; `schema` is empty for what stands in none."""

    kind: str
    schema: str
    identity: str

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}"

    @property
    def is_version_table(self) -> bool:
        """Whether it is the host's list of applied revisions, or a part of that."""
        return VERSION_TABLE in self.identity

    def is_part_of(self, whole: CatalogueObject) -> bool:
        """Whether this goes with a table or view: a column, an index, a constraint, a policy."""
        return self != whole and (
            self.identity.startswith(f"{whole.identity}.")
            or self.identity.endswith(f" on {whole.identity}")
        )

    def is_made_by_host(self, manifest: Manifest) -> bool:
        """Whether the host makes it for a plugin, before the plugin's first revision."""
        if self.kind == "schema":
            return self.schema in {manifest.name, EXTENSIONS_SCHEMA}
        return self.kind == "extension" and self.identity in {
            name if name.isidentifier() else f'"{name}"' for name in manifest.extensions
        }


Catalogue = frozenset[CatalogueObject]


def read_catalogue(administrator: Administrator) -> Catalogue:
    """Return every object that is neither PostgreSQL's nor a member of an extension."""
    rows = administrator.execute(_OBJECTS).fetchall()
    return frozenset(CatalogueObject(kind, schema or "", name) for kind, schema, name in rows)
