"""What is stored of plugins: their db_schemas, found by their owners, and their revisions."""

from __future__ import annotations

from dataclasses import dataclass

from meishi.database.provision import VERSION_TABLE
from meishi.database.revisions import RevisionError, read_revisions
from meishi.database.roles import RoleNames, quoted
from meishi.host import HOST, Host
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.orphans import remembered

_SCHEMAS = """
    SELECT n.nspname, coalesce(has_table_privilege(run.oid, version.oid, 'SELECT'), false)
    FROM pg_namespace n JOIN pg_roles owner ON owner.oid = n.nspowner
        AND owner.rolname = %(before)s || n.nspname || %(after)s
    LEFT JOIN pg_class version ON version.relnamespace = n.oid AND version.relname = %(table)s
    LEFT JOIN pg_roles run ON run.rolname = %(before)s || n.nspname || %(run)s
        AND pg_has_role(run.oid, 'SET')
    ORDER BY n.nspname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchema:
    """The db_schema of a plugin; `revision` is None where nobody may read it, or there is none."""

    name: str
    revision: str | None
    revision_unknown: bool
    remembered: bool


def stored_schemas(host: Host) -> dict[str, StoredSchema]:
    """Return the db_schemas of the deployment's plugins, whether or not anything knows them."""
    with host.within(HOST) as scope:
        known = remembered(scope.work)
    with host.scope() as scope:
        found = scope.work.execute(_SCHEMAS, _names(host.roles))
    result = {}
    for name, readable in found:
        revision = _revision(host, name) if readable else None
        contribution = host.plugins.contributions.get(name)
        result[name] = StoredSchema(
            name=name,
            revision=revision,
            revision_unknown=contribution is not None and _is_unknown(contribution, revision),
            remembered=name in known,
        )
    return result


def _names(roles: RoleNames) -> dict[str, str]:
    before, _, after = roles.owner("*").partition("*")
    return {
        "before": before,
        "after": after,
        "run": roles.run("*").partition("*")[2],
        "table": VERSION_TABLE,
    }


def _revision(host: Host, name: str) -> str | None:
    query = f"SELECT version_num FROM {quoted(name)}.{VERSION_TABLE}"  # noqa: S608 (quoted)
    with host.within(name) as scope:
        rows = scope.work.execute(query)
    return str(rows[0][0]) if rows else None


def _is_unknown(contribution: Contribution, revision: str | None) -> bool:
    if contribution.versions is None or revision is None:
        return False
    try:
        return revision not in {item.revision for item in read_revisions(contribution.versions)}
    except RevisionError:
        return False
