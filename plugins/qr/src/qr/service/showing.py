"""What cards say to who acts: nothing of contacts that are kept from them.

They look like those of people who were erased: without a title.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import MAX_HIDDEN, Sharings
from meishi.sdk.context import service
from qr.contract import Card


def shown_cards(cards: Sequence[Card]) -> tuple[Card, ...]:
    """Return cards, those of hidden contacts without their title."""
    kept = hidden(card.contact_id for card in cards)
    return tuple(replace(card, title="") if card.contact_id in kept else card for card in cards)


def hidden(contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some contacts that are kept from who acts."""
    asked, found = sorted({*contact_ids}), set[UUID]()
    for start in range(0, len(asked), MAX_HIDDEN):
        found.update(service(Sharings).hidden(tuple(asked[start : start + MAX_HIDDEN])))
    return found
