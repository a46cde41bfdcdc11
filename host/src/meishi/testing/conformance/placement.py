"""Whether what a plugin makes stands in its own db_schema, and is what its models declare."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.database.foreign_tables import foreign_tables
from meishi.database.provision import VERSION_TABLE
from meishi.lifecycle.manifest import Manifest
from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.catalogue import Catalogue
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s))
        AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
"""
_STRANGERS = """
    SELECT named.type || ' ' || named.identity, pg_get_userbyid(object.owner)
    FROM (
        SELECT 'pg_class'::regclass, oid, relnamespace, relowner FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proowner FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace, typowner FROM pg_type
        UNION ALL SELECT 'pg_namespace'::regclass, oid, oid, nspowner FROM pg_namespace
    ) AS object (class, oid, schema, owner)
    CROSS JOIN LATERAL pg_identify_object(object.class, object.oid, 0) AS named
    WHERE object.schema = to_regnamespace(quote_ident(%s))
        AND pg_get_userbyid(object.owner) <> %s
    ORDER BY 1
"""


def placement_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what a plugin's upgrade did elsewhere, and what its db_schema should not hold."""
    contribution = bench.contribution(plugin)
    if contribution.versions is None:
        return
    trial = bench.trial(plugin)
    yield from objects_elsewhere(trial.before, trial.upgraded, contribution.manifest)
    metadata = contribution.schemas.db
    declared = {table.name for table in metadata.tables.values()} if metadata else set()
    declared |= foreign_tables(metadata)
    with bench.undone() as administrator:
        yield from _table_faults(administrator, plugin, declared)
        yield from _owner_faults(administrator, plugin, bench.roles.owner(plugin))


def objects_elsewhere(before: Catalogue, after: Catalogue, manifest: Manifest) -> Iterator[Fault]:
    """Yield each object outside of a plugin's db_schema that is there after, but was not before.

    One that is gone is such a change, too.
    """
    for change, items in (("made", after - before), ("dropped", before - after)):
        for item in sorted(items):
            if item.schema != manifest.name and not item.is_made_by_host(manifest):
                yield Fault(
                    f"The upgrade {change} the {item}, outside of the db_schema {manifest.name}.",
                    "Keep to the own db_schema; extensions are named in the manifest.",
                )


def _table_faults(administrator: Administrator, plugin: str, declared: set[str]) -> Iterator[Fault]:
    found = {name for (name,) in administrator.execute(_TABLES, [plugin])} - {VERSION_TABLE}
    for name in sorted(found - declared):
        yield Fault(
            f"The table {plugin}.{name} is in the database, but not in the models.",
            "Declare it with `plugin_metadata`, and return that from the hook `schemas`.",
        )
    for name in sorted(declared - found):
        yield Fault(
            f"The table {plugin}.{name} is in the models, but not in the database.",
            "Write a revision with `meishi db revision`.",
        )


def _owner_faults(administrator: Administrator, plugin: str, owner: str) -> Iterator[Fault]:
    for item, stranger in administrator.execute(_STRANGERS, [plugin, owner]).fetchall():
        yield Fault(
            f"The {item} belongs to {stranger}, not to {owner}.",
            "Let revisions run as the host runs them: no SET ROLE, no ALTER ... OWNER.",
        )
