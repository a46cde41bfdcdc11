"""The cards of a contact, on its page."""

from __future__ import annotations

from uuid import UUID

from meishi.sdk.context import service
from meishi.sdk.pages import render
from qr.contract import Cards
from qr.pages.contacts import living_contact

_SHOWN = 20


def contact_cards(contact_id: UUID) -> str | None:
    """Return the cards of a contact, and how to make one; None where there is no contact."""
    if living_contact(contact_id) is None:
        return None
    page = service(Cards).list_cards(contact_id=contact_id, limit=_SHOWN)
    shown = render(
        "qr/console/panel.html",
        contact_id=contact_id,
        cards=page.items,
        more=page.next_after is not None,
    )
    return shown.get_data(as_text=True)
