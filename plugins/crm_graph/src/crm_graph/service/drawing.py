"""Drawings: communities and places, computed by a worker and stored for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from crm_graph.communities import community_name, lasting_ids, partition
from crm_graph.layout import layout
from crm_graph.repository import nodes, pictures, states
from crm_graph.repository.pictures import Group, Spot
from crm_graph.service.snapshots import Snapshots
from crm_graph.service.waiting import DRAW, ask_for_drawing, is_time_to_draw
from meishi.sdk import jobs
from meishi.sdk.plugin import PluginContext


class DrawingService:
    """Implements `Drawings`."""

    def __init__(self, context: PluginContext) -> None:
        self._snapshots = Snapshots(context)

    def ask(self) -> UUID:
        """Have a worker draw the graph anew."""
        return jobs.request(DRAW)

    def draw_at_rest(self, asked_at: datetime) -> int | None:
        """Draw what changes asked for then, unless it is not yet time, or no more."""
        return self.draw() if is_time_to_draw(asked_at) else None

    def draw(self) -> int:
        """Compute communities and places.

        Nobody is kept waiting meanwhile; if the graph changes, it is drawn once more.
        """
        graph = self._snapshots.current()
        found = partition(graph)
        places, at = layout(graph, found.community_of)
        members = {graph.id(place): label for place, label in found.community_of.items()}
        states.lock()
        unused = states.read().next_community
        before = {spot.contact_id: spot.community for spot in pictures.spots().values()}
        ids = lasting_ids(members, before, unused)
        # Who has left meanwhile, and may have asked to be forgotten, does not come back.
        people = nodes.find([*members])
        spots = [
            Spot(contact_id, ids[found.community_of[place]], float(x), float(y))
            for place, (x, y) in zip(places.tolist(), at.tolist(), strict=True)
            if (contact_id := graph.id(place)) in people
        ]
        pictures.put(spots, list(_groups(spots, people)))
        upcoming = max([unused, *(ident + 1 for ident in ids.values())])
        if states.drawn(graph.version, found.modularity, upcoming):
            ask_for_drawing()
        return len(spots)


def _groups(spots: Iterable[Spot], people: Mapping[UUID, nodes.Node]) -> Iterable[Group]:
    members: dict[int, list[str | None]] = {}
    for spot in spots:
        members.setdefault(spot.community, []).append(people[spot.contact_id].organisation)
    for ident, organisations in sorted(members.items()):
        yield ident, community_name(organisations), len(organisations)
