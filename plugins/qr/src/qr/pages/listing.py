"""The list of cards, each with its public address and its codes."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage
from meishi.sdk.pages import next_page_url, page_query, render
from qr.contract import Cards, Codes
from qr.schemas import CardQuerySchema

#: Small, as the codes of each card are counted.
_PAGE = "20"


def card_list() -> Response:
    """Show cards in order of creation."""
    wanted = page_query(CardQuerySchema, limit=_PAGE)
    # Its schema has one filter, and one place to go on from.
    contact_id = UUID(wanted.conditions[0].value) if wanted.conditions else None
    page = service(Cards).list_cards(
        contact_id=contact_id,
        after=UUID(wanted.after[0]) if wanted.after else None,
        limit=wanted.limit,
    )
    codes = service(Codes)
    counts = {
        card.id: codes.list_codes(card_id=card.id, limit=1, with_total=True).total
        for card in page.items
    }
    position = None if page.next_after is None else (str(page.next_after),)
    return render(
        "qr/console/cards.html",
        cards=page.items,
        counts=counts,
        next_url=next_page_url(DocumentPage(items=(), position=position), wanted),
    )
