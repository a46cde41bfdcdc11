"""What the QR generator does when others tell of something."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm_contacts.contract import ContactErased
from meishi.sdk.context import service
from meishi.sdk.plugin import MergeReport, UnmergeReport
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


def on_contact_unmerged(source_ids: tuple[UUID, ...], target_id: UUID) -> UnmergeReport:
    """Give back the cards of a contact that is one of its own again, and where it came from."""
    cards = service(Cards).give_back_cards(source_ids, target_id)
    exchanges = service(Exchanges).give_back_exchanges(source_ids, target_id)
    return UnmergeReport(
        returned={"card": cards[0], "exchange": exchanges[0]},
        kept={"card": cards[1], "exchange": exchanges[1]},
    )
