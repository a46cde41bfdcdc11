"""Exchanges in the console: the list of all, those of a card, and that of a contact."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from crm_contacts.contract import Contact, Contacts
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage
from meishi.sdk.pages import next_page_url, page_query, render
from qr.contract import Card, Cards, Exchange, ExchangePage, Exchanges, ExchangeState
from qr.schemas import ExchangeQuerySchema

_PAGE = "50"
_ON_A_CARD = 10


def exchange_list() -> Response:
    """Show exchanges, newest first."""
    wanted = page_query(ExchangeQuerySchema, limit=_PAGE)
    chosen = {condition.field: condition.value for condition in wanted.conditions}
    card_id, contact_id = chosen.get("card_id"), chosen.get("visitor_contact_id")
    state = chosen.get("state")
    page = service(Exchanges).list_exchanges(
        card_id=UUID(card_id) if card_id else None,
        state=ExchangeState(state) if state else None,
        visitor_contact_id=UUID(contact_id) if contact_id else None,
        after=UUID(wanted.after[0]) if wanted.after else None,
        limit=wanted.limit,
    )
    position = None if page.next_after is None else (str(page.next_after),)
    return render(
        "qr/console/exchanges.html",
        exchanges=page.items,
        cards=_cards(page.items),
        contacts=_contacts(page),
        next_url=next_page_url(DocumentPage(items=(), position=position), wanted),
    )


def card_exchanges(card_id: UUID) -> str | None:
    """Return what was left at a card; None where nothing was."""
    page = service(Exchanges).list_exchanges(card_id=card_id, limit=_ON_A_CARD)
    if not page.items:
        return None
    shown = render(
        "qr/console/card_exchanges.html",
        card_id=card_id,
        exchanges=page.items,
        contacts=_contacts(page),
        more=page.next_after is not None,
    )
    return shown.get_data(as_text=True)


def contact_exchanges(contact_id: UUID) -> str | None:
    """Return through which cards a contact came, and what they agreed to; None where none did."""
    page = service(Exchanges).list_exchanges(visitor_contact_id=contact_id, limit=_ON_A_CARD)
    if not page.items:
        return None
    shown = render(
        "qr/console/contact_exchanges.html", exchanges=page.items, cards=_cards(page.items)
    )
    return shown.get_data(as_text=True)


def _cards(exchanges: tuple[Exchange, ...]) -> dict[UUID, Card]:
    wanted = tuple({found.card_id for found in exchanges})
    return {card.id: card for card in service(Cards).find_cards(wanted)}


def _contacts(page: ExchangePage) -> dict[UUID, Contact]:
    wanted = tuple({found.visitor_contact_id for found in page.items} - {None})
    found = service(Contacts).find(tuple(item for item in wanted if item is not None))
    return {contact.id: contact for contact in found}
