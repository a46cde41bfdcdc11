"""Exchanges of cards as evidence: who has left a card at another's has met them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from crm_graph.contract import Evidence
from crm_graph.repository import evidence
from crm_graph.repository.evidence import Pair
from meishi.sdk.context import service

if TYPE_CHECKING:
    from qr.contract import Exchange

EXCHANGE = "exchange"

_WEIGHT = 2.0
_PAGE = 200


def put(meetings: Sequence[Evidence]) -> set[Pair]:
    """Store exchanges in the place of what was known of them; return the pairs."""
    return evidence.put(EXCHANGE, [(item, _WEIGHT) for item in meetings])


def read_page(after: UUID | None) -> tuple[tuple[Evidence, ...], UUID | None]:
    """Return some of the exchanges that became contacts, and where the next ones begin.

    None where there is nobody to ask.
    """
    try:
        from qr.contract import Cards, Exchanges, ExchangeState

        page = service(Exchanges).list_exchanges(
            state=ExchangeState.RECORDED, after=after, limit=_PAGE
        )
        cards = service(Cards).find_cards(tuple({item.card_id for item in page.items}))
    except (ImportError, LookupError):
        return (), None
    owners = {card.id: card.contact_id for card in cards}
    return tuple(
        _evidence(item, item.visitor_contact_id, owners[item.card_id])
        for item in page.items
        if item.visitor_contact_id is not None and item.card_id in owners
    ), page.next_after


def _evidence(item: Exchange, visitor_id: UUID, owner_id: UUID) -> Evidence:
    return Evidence(
        key=str(item.id),
        source_id=visitor_id,
        target_id=owner_id,
        mutual=True,
        occurred_at=item.settled_at,
    )
