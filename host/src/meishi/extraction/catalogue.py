"""What the catalogue of the database says: what leads from a plugin's db_schema to others'."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from meishi.database.roles import RoleNames
from meishi.extraction.reasons import Reason, pins

#: Runs a statement with its values.
Ask = Callable[[str, Mapping[str, Any]], Sequence[Any]]

_KEYS = """
    SELECT c.conname, one_in.nspname || '.' || one.relname, two_in.nspname || '.' || two.relname,
        one_in.nspname, two_in.nspname
    FROM pg_constraint c
    JOIN pg_class one ON one.oid = c.conrelid JOIN pg_namespace one_in ON one_in.oid = one.relnamespace
    JOIN pg_class two ON two.oid = c.confrelid JOIN pg_namespace two_in ON two_in.oid = two.relnamespace
    WHERE c.contype = 'f' AND c.conparentid = 0 AND one.relnamespace <> two.relnamespace
        AND %(schema)s IN (one_in.nspname, two_in.nspname)
    ORDER BY 1, 2
"""  # noqa: E501

#: Schemas, what is in them that has rows, and functions; given by the owner to somebody else.
_GRANTS = """
    WITH object AS (
        SELECT n.nspname AS schema, n.nspname::text AS name, n.nspowner AS owner, n.nspacl AS acl
        FROM pg_namespace n
        UNION ALL
        SELECT n.nspname, n.nspname || '.' || c.relname, c.relowner, c.relacl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        UNION ALL
        SELECT n.nspname, n.nspname || '.' || p.proname || '()', p.proowner, p.proacl
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    )
    SELECT DISTINCT object.name, who.rolname, object.schema
    FROM object CROSS JOIN aclexplode(object.acl) AS given JOIN pg_roles who ON who.oid = given.grantee
    WHERE object.schema = ANY(%(schemas)s) AND given.grantee <> object.owner
        AND who.rolname = ANY(%(roles)s)
        AND ((object.schema = %(schema)s) <> (who.rolname = ANY(%(own)s)))
    ORDER BY 1, 2
"""  # noqa: E501


def database_reasons(
    ask: Ask, roles: RoleNames, plugin: str, others: Collection[str]
) -> Iterator[Reason]:
    """Yield each foreign key and each grant that ties a plugin to one of the other plugins.

    The host's own parts are no others: a service has them for itself.
    """
    for name, table, target, *schemas in ask(_KEYS, {"schema": plugin}):
        other = next(schema for schema in schemas if schema != plugin)
        message = f"The foreign key {name} leads from {table} to {target}."
        yield pins("foreign-key", message, other)
    by_role = {role: name for name in others for role in (roles.owner(name), roles.run(name))}
    own = [roles.owner(plugin), roles.run(plugin)]
    values = {
        "schema": plugin,
        "schemas": [plugin, *others],
        "roles": [*own, *by_role],
        "own": own,
    }
    for thing, role, schema in ask(_GRANTS, values):
        other = by_role.get(role, schema)
        yield pins("grant", f"The role {role} has rights on {thing}.", other)
