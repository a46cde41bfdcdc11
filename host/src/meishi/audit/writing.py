"""Writing an entry: with the commit of what it tells, or not at all."""

from __future__ import annotations

import re
from uuid import UUID

from meishi.audit.entry import Action, Outcome
from meishi.audit.models import DB_SCHEMA
from meishi.context import Scope

#: Texts that mean in quotes what they are, under every setting of the server.
_PLAIN = re.compile(r"[ !#-&(-\[\]-~]*")

_INSERT = """
    INSERT INTO audit.entry (workspace_id, id, at, outcome, action, plugin, permission, status,
        user_id, token_id, session_id, resource_type, resource_id, changed, address, correlation)
    VALUES ('{workspace}', '{id}', '{at}', '{outcome}', {action}, {plugin}, {permission}, {status},
        {user}, {token}, {session}, {resource_type}, {resource_id}, ARRAY[{changed}]::text[],
        {address}, '{correlation}')
"""


def record(scope: Scope, action: Action) -> None:
    """Write an entry about who acts in a scope, with the commit of its unit of work.

    With what a savepoint undoes, the entry of it is undone; that somebody was denied access
    stays.

    :raises LookupError: outside of any workspace
    """
    if scope.workspace_id is None:
        raise LookupError("what is audited must be done inside a workspace")
    resource = action.resource
    statement = _INSERT.format(
        workspace=scope.workspace_id,
        id=scope.host.new_id(),
        at=scope.host.clock().isoformat(),
        outcome=action.outcome.value,
        action=_text(action.name),
        plugin=_text(action.plugin),
        permission=_text(action.permission),
        status="NULL" if action.status is None else int(action.status),
        user=_id(scope.actor.user_id),
        token=_id(scope.actor.token_id),
        session=_id(scope.actor.session_id),
        resource_type=_text(None if resource is None else resource.type),
        resource_id=_text(None if resource is None else resource.id),
        changed=", ".join(map(_text, action.changed)),
        address=_text(action.address),
        correlation=scope.correlation,
    )
    with scope.work.entered(DB_SCHEMA):
        scope.work.write_last(statement, lasting=action.outcome is Outcome.DENIED)


def _id(value: UUID | None) -> str:
    return "NULL" if value is None else f"'{value}'"


def _text(value: str | None) -> str:
    """Return a text as SQL in which nothing can be read as anything else."""
    if value is None:
        return "NULL"
    if _PLAIN.fullmatch(value):
        return f"'{value}'"
    return f"convert_from('\\x{value.encode().hex()}'::bytea, 'UTF8')"
