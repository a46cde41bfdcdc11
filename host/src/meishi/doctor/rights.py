"""Whether roles, grants and policies of a plugin are what an upgrade makes them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from meishi.database.identity import READER_SETTING, WORKSPACE_SETTING
from meishi.database.reader_policies import ReaderPolicy, reader_policies
from meishi.database.reconciliation import APPEND_ONLY, rights_on
from meishi.doctor.findings import Finding, error
from meishi.events.log import DB_SCHEMA as EVENT_LOG
from meishi.host import Host

_ROLE = """
    SELECT run.oid IS NOT NULL, coalesce(pg_has_role(run.oid, 'SET'), false),
        coalesce(has_schema_privilege(run.oid, n.oid, 'USAGE'), false)
    FROM pg_namespace n LEFT JOIN pg_roles run ON run.rolname = %(run)s
    WHERE n.nspname = %(schema)s
"""

#: Partitions are reached through their parent, which has rights and policy.
_TABLES = """
    SELECT c.relname, array(
            SELECT one FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS one
            WHERE has_table_privilege(%(run)s, c.oid, one)),
        array(SELECT DISTINCT coalesce(r.rolname, 'everybody') FROM aclexplode(c.relacl) AS given
              LEFT JOIN pg_roles r ON r.oid = given.grantee
              WHERE given.grantee <> c.relowner AND r.rolname IS DISTINCT FROM %(run)s),
        c.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped),
        obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM %(append_only)s,
        c.relrowsecurity AND (
            SELECT bool_and(
                pg_get_expr(polqual, polrelid) LIKE '%%' || %(setting)s || '%%'
                AND pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid)
                AND polcmd = '*')
            FROM pg_policy WHERE polrelid = c.oid AND polpermissive)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    ORDER BY c.relname
"""

#: What narrows the policies of tables, by who reads.
_KEPT = """
    SELECT c.relname::text, p.polname::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND c.relrowsecurity
        AND NOT p.polpermissive AND strpos(pg_get_expr(p.polqual, p.polrelid), %(reader)s) > 0
"""


def right_findings(host: Host, plugins: Iterable[str]) -> Iterator[Finding]:
    """Yield what is missing of the rights and policies of plugins, or is too much.

    One that runs elsewhere needs no rights here: a move takes them.
    """
    elsewhere = {item.plugin for item in host.placed_elsewhere()}
    with host.scope() as scope:
        for plugin in plugins:
            values = {
                "schema": plugin,
                "run": host.roles.run(plugin),
                "setting": WORKSPACE_SETTING,
                "reader": READER_SETTING,
                "append_only": APPEND_ONLY,
            }
            for exists, settable, usable in scope.work.execute(_ROLE, values):
                code, message = _of_role(plugin, values["run"], exists, settable, usable)
                if code:
                    yield error(code, plugin, message, _mend(plugin))
                if exists:
                    found = _of_tables(plugin, scope.work.execute(_TABLES, values))
                    yield from (
                        item
                        for item in found
                        if item.code != "missing-grant" or plugin not in elsewhere
                    )
                    kept = {(table, name) for table, name in scope.work.execute(_KEPT, values)}
                    yield from _of_readers(
                        plugin, reader_policies(scope.work.execute, plugin), kept
                    )


def _of_role(plugin: str, role: str, exists: bool, settable: bool, usable: bool) -> tuple[str, str]:
    if not exists:
        return "missing-role", f"The role {role} is missing: no code of {plugin} can run."
    if not settable:
        return "missing-role", f"The runtime login may not become {role}: {plugin} cannot run."
    if not usable:
        return "missing-grant", f"{role} may not use the db_schema {plugin}."
    return "", ""


def _of_tables(plugin: str, tables: Iterable[tuple[Any, ...]]) -> Iterator[Finding]:
    for table, granted, strangers, of_workspaces, append_only, protected in tables:
        wanted = set(rights_on(plugin, table, append_only=append_only).split(", "))
        if lacking := sorted(wanted - set(granted)):
            message = f"{plugin} has no right to {', '.join(lacking)} on {plugin}.{table}."
            yield error("missing-grant", plugin, message, _mend(plugin))
        if more := sorted(set(granted) - wanted):
            message = f"{plugin} has the right to {', '.join(more)} on {plugin}.{table}."
            yield error("excess-grant", plugin, message, _mend(plugin))
        if strangers:
            message = f"{', '.join(sorted(strangers))} has rights on {plugin}.{table}."
            yield error("excess-grant", plugin, message, _mend(plugin))
        if of_workspaces and not protected and plugin != EVENT_LOG:
            message = f"Row security of {plugin}.{table} is not what keeps workspaces apart."
            yield error("missing-policy", plugin, message, _mend(plugin))


def _of_readers(
    plugin: str, wanted: Iterable[ReaderPolicy], kept: Container[tuple[str, str]]
) -> Iterator[Finding]:
    tables = {policy.table for policy in wanted if (policy.table, policy.name) not in kept}
    for table in sorted(tables):
        message = f"Row security of {plugin}.{table} does not keep rows from some readers."
        yield error("missing-policy", plugin, message, _mend(plugin))


def _mend(plugin: str) -> str:
    return f"meishi db upgrade --plugin {plugin}"
