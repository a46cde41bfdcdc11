"""People of the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_FIND = """
    SELECT id, name, organisation, organisation_key FROM crm_graph.node
    WHERE id = ANY(%(ids)s::uuid[])
"""
_PUT = """
    INSERT INTO crm_graph.node (workspace_id, id, name, organisation, organisation_key)
    SELECT %(workspace)s, n.* FROM unnest(%(ids)s::uuid[], %(names)s::text[],
        %(organisations)s::text[], %(keys)s::text[]) AS n(id, name, organisation, organisation_key)
    ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name,
        organisation = excluded.organisation, organisation_key = excluded.organisation_key
"""
_REMOVE = "DELETE FROM crm_graph.node WHERE id = ANY(%(ids)s::uuid[])"
_SHARED = """
    SELECT count(*) FROM (
        SELECT FROM crm_graph.node WHERE organisation_key = (
            SELECT l.organisation_key FROM crm_graph.node l
            JOIN crm_graph.node h USING (organisation_key)
            WHERE l.id = %(one)s AND h.id = %(other)s
        ) LIMIT %(most)s
    ) AS members
"""
_MEMBERS = "SELECT id FROM crm_graph.node WHERE organisation_key = %(key)s LIMIT %(most)s"


@dataclass(frozen=True, slots=True)
class Node:
    """A contact as the graph knows it."""

    id: UUID
    name: str
    organisation: str | None
    organisation_key: str | None


def find(ids: Sequence[UUID]) -> dict[UUID, Node]:
    """Return those of these people that there are."""
    return {row[0]: Node(*row) for row in execute(_FIND, {"ids": list(ids)})}


def put(nodes: Sequence[Node]) -> None:
    """Store people, in the place of what was known of them."""
    columns: Mapping[str, object] = {
        "ids": [node.id for node in nodes],
        "names": [node.name for node in nodes],
        "organisations": [node.organisation for node in nodes],
        "keys": [node.organisation_key for node in nodes],
    }
    execute(_PUT, {"workspace": current_workspace(), **columns})


def remove(ids: Sequence[UUID]) -> None:
    """Take people out."""
    execute(_REMOVE, {"ids": list(ids)})


def members(key: str, most: int) -> list[UUID]:
    """Return people of an organisation."""
    return [found for (found,) in execute(_MEMBERS, {"key": key, "most": most})]


def shared(one: UUID, other: UUID, most: int) -> int:
    """Return how many people are in the organisation that two share, 0 if they share none.

    They are counted up to `most`.
    """
    return int(execute(_SHARED, {"one": one, "other": other, "most": most})[0][0])
