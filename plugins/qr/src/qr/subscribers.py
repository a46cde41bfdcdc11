"""What the QR generator does when others tell of something."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm_contacts.contract import ContactErased
from meishi.sdk.context import service
from meishi.sdk.plugin import MergeReport
from qr.contract import CardExchanged, Cards, Exchanges


def on_contact_erased(events: Sequence[ContactErased]) -> None:
    """Empty the cards of contacts that were erased, if that has not been done."""
    service(Cards).forget_contacts(tuple(event.contact_id for event in events))


def on_card_exchanged(events: Sequence[CardExchanged]) -> None:
    """Make contacts of what visitors have left."""
    service(Exchanges).record_exchanges(tuple(event.exchange_id for event in events))


def on_contact_merged(source_id: UUID, target_id: UUID) -> MergeReport:
    """Move the cards of a contact, and where it came from, to the one that it was merged into."""
    return MergeReport(
        moved={
            "card": service(Cards).move_cards(source_id, target_id),
            "exchange": service(Exchanges).move_exchanges(source_id, target_id),
        }
    )
