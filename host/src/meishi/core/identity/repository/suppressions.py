"""Statements about people who must not come back; a workspace of None is the deployment."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from meishi.core.identity.models import suppressed_everywhere, suppression
from meishi.sdk.database import current_connection, execute

_EVERYWHERE = """
    SELECT digest FROM identity.suppressed_everywhere WHERE digest = ANY(%(digests)s::bytea[])
"""
_HERE = "SELECT digest FROM identity.suppression WHERE digest = ANY(%(digests)s::bytea[])"


def add(workspace_id: UUID | None, digests: Sequence[bytes]) -> None:
    """Insert digests, unless they are there."""
    own = {} if workspace_id is None else {"workspace_id": workspace_id}
    values = [own | {"digest": digest} for digest in sorted(digests)]
    statement = insert(_table(workspace_id)).values(values)
    current_connection().execute(statement.on_conflict_do_nothing())


def known(workspace_id: UUID | None, digests: Sequence[bytes]) -> set[bytes]:
    """Return which digests are there, in a workspace with those of the deployment."""
    statement = _EVERYWHERE if workspace_id is None else f"{_EVERYWHERE} UNION ALL {_HERE}"
    return {digest for (digest,) in execute(statement, {"digests": list(digests)})}


def remove(workspace_id: UUID | None, digests: Sequence[bytes]) -> int:
    """Delete digests; return how many were there."""
    table = _table(workspace_id)
    statement = delete(table).where(table.c.digest.in_(digests))
    return current_connection().execute(statement).rowcount


def _table(workspace_id: UUID | None) -> Table:
    return suppressed_everywhere if workspace_id is None else suppression
