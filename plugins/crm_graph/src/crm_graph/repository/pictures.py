"""What was drawn: communities, and the places of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_PLACES = "SELECT contact_id, community, x, y FROM crm_graph.place"
_COMMUNITIES_OF = (
    "SELECT contact_id, community FROM crm_graph.place WHERE contact_id = ANY(%(ids)s::uuid[])"
)
_COMMUNITIES = "SELECT id, name, size FROM crm_graph.community ORDER BY size DESC, id"
_EMPTY = ("DELETE FROM crm_graph.place", "DELETE FROM crm_graph.community")
_PUT_PLACES = """
    INSERT INTO crm_graph.place (workspace_id, contact_id, community, x, y)
    SELECT %(workspace)s, p.* FROM unnest(%(ids)s::uuid[], %(communities)s::integer[],
        %(xs)s::double precision[], %(ys)s::double precision[]) AS p
"""
_PUT_COMMUNITIES = """
    INSERT INTO crm_graph.community (workspace_id, id, name, size)
    SELECT %(workspace)s, c.* FROM unnest(%(ids)s::integer[], %(names)s::text[],
        %(sizes)s::integer[]) AS c
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody stands, and in which community."""

    contact_id: UUID
    community: int
    x: float
    y: float


#: Id, name and size.
Group = tuple[int, str | None, int]


def spots() -> dict[UUID, Spot]:
    """Return where everybody stands."""
    return {row[0]: Spot(*row) for row in execute(_PLACES)}


def communities_of(ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the communities of these people; who came since the drawing is in none."""
    return dict(execute(_COMMUNITIES_OF, {"ids": list(ids)}))


def groups() -> list[Group]:
    """Return the communities, largest first."""
    return [(ident, name, size) for ident, name, size in execute(_COMMUNITIES)]


def put(spots: Sequence[Spot], groups: Sequence[Group]) -> None:
    """Store a picture in the place of the one before."""
    for statement in _EMPTY:
        execute(statement)
    workspace = current_workspace()
    places: dict[str, object] = {
        "ids": [spot.contact_id for spot in spots],
        "communities": [spot.community for spot in spots],
        "xs": [spot.x for spot in spots],
        "ys": [spot.y for spot in spots],
    }
    execute(_PUT_PLACES, {"workspace": workspace, **places})
    columns: dict[str, object] = {
        "ids": [group[0] for group in groups],
        "names": [group[1] for group in groups],
        "sizes": [group[2] for group in groups],
    }
    execute(_PUT_COMMUNITIES, {"workspace": workspace, **columns})
