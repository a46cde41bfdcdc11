"""The impact of a purge: everything that would go, and what would stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from meishi.database.provision import VERSION_TABLE
from meishi.database.roles import RoleNames, quoted
from meishi.lifecycle.manifest import Manifest
from meishi.lifecycle.orphans import needed_by
from meishi.lifecycle.purge.traces import ROW, TRACES, become_owner, count


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgedTable:
    """A table that goes: its rows in all workspaces, and its size in bytes with all indexes."""

    name: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a purge deletes. `traces` counts rows of the host's own tables, by what they are.

    `version` is None for a plugin of which only its db_schema or rows are left. `published` is
    the number of its events in the log, which stay. `dependents` need the plugin, in the order in
    which they would have to go.
    """

    plugin: str
    version: str | None
    installed: bool
    tables: Sequence[PurgedTable]
    size: int
    roles: Sequence[str]
    traces: Mapping[str, int]
    published: int
    dependents: Sequence[str]

    @property
    def nothing(self) -> bool:
        """Whether the database has nothing that could be purged."""
        left = (self.version, self.tables, self.roles, any(self.traces.values()))
        return not any(left)


_DB_SCHEMA = """
    SELECT FROM pg_namespace n JOIN pg_roles o ON o.oid = n.nspowner
    WHERE n.nspname = :schema AND o.rolname = :owner
"""

#: Partitions are counted with their parent.
_TABLES = """
    SELECT c.relname, CASE c.relkind
        WHEN 'p' THEN (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)
                       FROM pg_partition_tree(c.oid))
        ELSE pg_total_relation_size(c.oid) END::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    ORDER BY c.relname
"""

_ROLES = "SELECT rolname FROM pg_roles WHERE rolname = ANY (:names) ORDER BY rolname"

_PUBLISHED = "SELECT count(*) FROM meishi_events.event WHERE source = :plugin"

_VERSION = "SELECT version FROM meishi.plugin WHERE name = :plugin"


def impact_of(
    connection: Connection,
    roles: RoleNames,
    plugin: str,
    *,
    installed: bool,
    known: Mapping[str, Manifest | None],
) -> Impact:
    """Return what a purge of a plugin deletes; `known` are the plugins that are remembered."""
    tables = _tables(connection, roles, plugin)
    names = [roles.owner(plugin), roles.run(plugin)]
    found_roles = connection.execute(text(_ROLES), {"names": names}).scalars().all()
    traces = {trace.what: count(connection, roles, trace, plugin) for trace in TRACES}
    become_owner(connection, roles, "meishi_events")
    published = connection.execute(text(_PUBLISHED), {"plugin": plugin}).scalar_one()
    become_owner(connection, roles, ROW.db_schema)
    version = connection.execute(text(_VERSION), {"plugin": plugin}).scalar()
    connection.execute(text("RESET ROLE"))
    return Impact(
        plugin=plugin,
        version=version,
        installed=installed,
        tables=tables,
        size=sum(table.size for table in tables),
        roles=found_roles,
        traces=traces,
        published=published,
        dependents=needed_by(plugin, known),
    )


def has_db_schema(connection: Connection, roles: RoleNames, plugin: str) -> bool:
    """Return whether the plugin has a db_schema; one of its name may be somebody else's."""
    values = {"schema": plugin, "owner": roles.owner(plugin)}
    return connection.execute(text(_DB_SCHEMA), values).first() is not None


def _tables(connection: Connection, roles: RoleNames, plugin: str) -> list[PurgedTable]:
    if not has_db_schema(connection, roles, plugin):
        return []
    sizes = connection.execute(text(_TABLES), {"schema": plugin}).all()
    become_owner(connection, roles, plugin)
    found = [
        PurgedTable(name=name, rows=_rows(connection, plugin, name), size=size)
        for name, size in sizes
        if name != VERSION_TABLE
    ]
    connection.execute(text("RESET ROLE"))
    return found


def _rows(connection: Connection, plugin: str, table: str) -> int:
    query = f"SELECT count(*) FROM {quoted(plugin)}.{quoted(table)}"  # noqa: S608 (quoted)
    return int(connection.execute(text(query)).scalar_one())
