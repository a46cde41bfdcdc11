"""What happens after events: called by a worker, until it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm_contacts.contract import ContactErased, ContactsRelated, ContactsUnrelated, ContactUpdated
from crm_graph.contract import Evidence, Ties
from meishi.sdk.context import service
from meishi.sdk.events import envelope
from meishi.sdk.plugin import MergeReport, UnmergeReport

if TYPE_CHECKING:
    from qr.contract import ExchangeRecorded

#: What of a contact the graph knows.
_KNOWN = frozenset({"name", "kind", "organisation", "visibility"})


def on_contacts(events: Sequence[Any]) -> None:
    """Follow contacts that something has happened to, those that were merged too."""
    found = [
        contact_id
        for event in events
        for contact_id in (event.contact_id, *getattr(event, "merged_ids", ()))
    ]
    service(Ties).follow_contacts(tuple(found))


def on_contact_updated(events: Sequence[ContactUpdated]) -> None:
    """Follow contacts of which something changed that the graph knows."""
    found = [event for event in events if not event.fields or _KNOWN & {*event.fields}]
    if found:
        on_contacts(found)


def on_contact_erased(events: Sequence[ContactErased]) -> None:
    """Leave nothing of contacts that were erased, if that has not been done."""
    service(Ties).forget_contacts(tuple(event.contact_id for event in events))


def on_relationships(events: Sequence[ContactsRelated | ContactsUnrelated]) -> None:
    """Follow relationships that have come or gone."""
    service(Ties).follow_relationships(tuple(event.relationship_id for event in events))


def on_contact_merged(source_id: UUID, target_id: UUID) -> MergeReport:
    """Let what is known of a contact be about the one that it was merged into."""
    return MergeReport(moved={"evidence": service(Ties).move(source_id, target_id)})


def on_contact_unmerged(source_ids: tuple[UUID, ...], target_id: UUID) -> UnmergeReport:
    """Let what was known of a contact be about it again, as it is one of its own."""
    return UnmergeReport(returned={"evidence": service(Ties).give_back(source_ids, target_id)})


def on_exchanges(events: Sequence[ExchangeRecorded]) -> None:
    """Tie those who have exchanged cards."""
    service(Ties).follow_exchanges(
        tuple(
            Evidence(
                key=str(event.exchange_id),
                source_id=event.visitor_contact_id,
                target_id=event.contact_id,
                mutual=True,
                occurred_at=envelope(event).time,
            )
            for event in events
        )
    )


def exchanges_before(place: str | None) -> str | None:
    """Read a page of the exchanges that were there before."""
    after = service(Ties).read_exchanges_before(None if place is None else UUID(place))
    return None if after is None else str(after)


def backfill(place: str | None) -> str | None:
    """Read a page of what was there before."""
    return service(Ties).read_before(place)
