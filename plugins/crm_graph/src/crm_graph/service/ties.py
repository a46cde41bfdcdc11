"""Evidence as it comes in: people, what ties them, and what they were merged into."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import Contacts, Relationships
from crm_graph.contract import Evidence, UnknownTieSource
from crm_graph.repository import evidence as pieces
from crm_graph.repository import states
from crm_graph.service import exchanges, relationships
from crm_graph.service.changing import settle
from crm_graph.service.following import follow, forget
from crm_graph.service.reading_before import read_page
from crm_graph.service.sources import sources
from crm_graph.service.telling import Telling
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext

#: What the contact service takes at once.
_MOST = 500


class TieService:
    """Implements `Ties`."""

    def __init__(self, context: PluginContext) -> None:
        self._telling = Telling(context.clock, context.new_id)

    def record(self, source: str, evidence: tuple[Evidence, ...]) -> None:
        """Store what a source knows."""
        weight = _weight(source)
        states.lock()
        changes = settle(pieces.put(source, [(item, weight) for item in evidence]))
        self._telling.found(changes, source)

    def retract(self, source: str, keys: tuple[str, ...]) -> None:
        """Forget evidence of a source."""
        _weight(source)
        states.lock()
        settle(pieces.remove(source, keys))

    def follow_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now: events may come late, and again."""
        wanted = list(dict.fromkeys(contact_ids))
        states.lock()
        for start in range(0, len(wanted), _MOST):
            some = wanted[start : start + _MOST]
            follow(some, service(Contacts).find(tuple(some)))

    def follow_relationships(self, relationship_ids: tuple[UUID, ...]) -> None:
        """Read relationships as they are now."""
        wanted = list(dict.fromkeys(relationship_ids))
        states.lock()
        for start in range(0, len(wanted), _MOST):
            some = wanted[start : start + _MOST]
            settle(relationships.put(some, service(Relationships).find(tuple(some))))

    def forget_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Leave nothing of contacts."""
        forget(contact_ids)

    def move(self, source_id: UUID, target_id: UUID) -> int:
        """Let all that is known of a contact be about another."""
        states.lock()
        before = pieces.about([source_id])
        after = pieces.move(source_id, target_id)
        settle(before | after)
        return len(after)

    def give_back(self, source_ids: tuple[UUID, ...], target_id: UUID) -> int:
        """Let what came from sources be about the first of them again."""
        states.lock()
        pairs, returned = pieces.give_back(source_ids, target_id)
        settle(pairs)
        return returned

    def follow_exchanges(self, meetings: tuple[Evidence, ...]) -> None:
        """Tie those who have exchanged cards."""
        states.lock()
        self._telling.strengthened(settle(exchanges.put(meetings)))

    def read_exchanges_before(self, after: UUID | None) -> UUID | None:
        """Read a page of exchanges that were there before."""
        states.lock()
        meetings, further = exchanges.read_page(after)
        settle(exchanges.put(meetings))
        return further

    def read_before(self, place: str | None) -> str | None:
        """Read a page of what was there before the graph."""
        return read_page(place)


def _weight(source: str) -> float:
    found = sources().get(source)
    if found is None:
        raise UnknownTieSource(
            f"No active plugin declares the tie source {source!r} by `graph_tie_sources`."
        )
    return found[1].weight
