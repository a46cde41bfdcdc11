"""What happens after events: contacts are read anew, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_contacts.contract import ChangeSource, ContactErased, ContactUpdated
from crm_enrichment.contract import CONTACT_FIELDS, LIST_FIELDS, Enrichment, Field, Input
from meishi.sdk.context import service
from meishi.sdk.plugin import MergeReport, UnmergeReport

#: A private contact is no evidence for others.
_READ = frozenset(part.value for part in Input) | {"visibility"}
_LOCKED = {field.value: field for field in CONTACT_FIELDS - LIST_FIELDS}


def on_contacts(events: Sequence[Any]) -> None:
    """Ask about contacts that are new, or that say something else than before."""
    wanted = dict.fromkeys(
        contact_id
        for event in events
        if not isinstance(event, ContactUpdated) or _READ.intersection(event.fields)
        for contact_id in (event.contact_id, *getattr(event, "merged_ids", ()))
    )
    edits = _edits(events)
    if edits:
        service(Enrichment).lock(edits)
    if wanted:
        service(Enrichment).follow(tuple(wanted))


def on_contact_erased(events: Sequence[ContactErased]) -> None:
    """Forget contacts that were erased, if that has not been done."""
    service(Enrichment).forget(tuple(event.contact_id for event in events))


def on_contact_merged(source_id: UUID, target_id: UUID) -> MergeReport:
    """Move what was found about a contact to the one that it was merged into."""
    return MergeReport(moved={"proposal": service(Enrichment).move(source_id, target_id)})


def on_contact_unmerged(source_ids: tuple[UUID, ...], target_id: UUID) -> UnmergeReport:
    """Give back what was found about a contact that is one of its own again."""
    returned, kept = service(Enrichment).give_back(source_ids, target_id)
    return UnmergeReport(returned={"proposal": returned}, kept={"proposal": kept})


def backfill(place: str | None) -> str | None:
    """Ask about one page of the contacts that were there before."""
    after = service(Enrichment).follow_page(None if place is None else UUID(place))
    return None if after is None else str(after)


def _edits(events: Sequence[Any]) -> tuple[tuple[UUID, Field], ...]:
    """Return the fields that people have typed over."""
    return tuple(
        dict.fromkeys(
            (event.contact_id, _LOCKED[name])
            for event in events
            if isinstance(event, ContactUpdated) and event.source is ChangeSource.USER
            for name in event.fields
            if name in _LOCKED
        )
    )
