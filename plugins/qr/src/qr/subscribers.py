"""What the QR generator does when others tell of something."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.contract import ContactErased
from meishi.sdk.context import service
from qr.contract import Cards


def on_contact_erased(events: Sequence[ContactErased]) -> None:
    """Empty the cards of contacts that were erased, if that has not been done."""
    service(Cards).forget_contacts(tuple(event.contact_id for event in events))
