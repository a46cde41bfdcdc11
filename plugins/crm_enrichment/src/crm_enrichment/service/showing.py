"""What is shown of what was found: nothing of contacts that are kept from who acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from crm_contacts.contract import MAX_HIDDEN, Sharings
from crm_enrichment.contract import MAX_PAGE, Proposal
from crm_enrichment.repository import proposals
from meishi.sdk.context import service

#: How often proposals are read for a page that hidden ones leave room in.
_READINGS = 5


class _OfContact(Protocol):
    @property
    def contact_id(self) -> UUID: ...


_Found = TypeVar("_Found", bound=_OfContact)


def hidden(contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some contacts that are there, or deleted, and kept from who acts."""
    asked, found = sorted({*contact_ids}), set[UUID]()
    for start in range(0, len(asked), MAX_HIDDEN):
        found.update(service(Sharings).hidden(tuple(asked[start : start + MAX_HIDDEN])))
    return found


def shown(items: Sequence[_Found]) -> list[_Found]:
    """Return what is not of hidden contacts, in its order."""
    kept = hidden(item.contact_id for item in items)
    return [item for item in items if item.contact_id not in kept]


def shown_page(
    filters: dict[str, Any], after: UUID | None, size: int
) -> tuple[list[Proposal], UUID | None]:
    """Return a page of the proposals that fit, and behind which the next one begins.

    Behind hidden ones it is read on, but not for ever: then the page is shorter than it could be.
    """
    found: list[Proposal] = []
    wanted = size + 1
    for _ in range(_READINGS):
        items = proposals.page(filters, after, wanted)
        found += shown(items)
        if len(found) > size:
            return found[:size], found[size - 1].id
        if len(items) < wanted:
            return found, None
        after, wanted = items[-1].id, MAX_PAGE + 1
    return found, after


def shown_total(filters: dict[str, Any]) -> int:
    """Return how many proposals fit that are not of hidden contacts."""
    counts = proposals.counts(filters)
    kept = hidden(counts)
    return sum(count for contact_id, count in counts.items() if contact_id not in kept)
