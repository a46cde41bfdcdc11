"""Exchanges: cards that visitors leave in return, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import command, query
from qr.contract.errors import (
    CardNotFound,
    CardWithdrawn,
    ExchangeNotFound,
    InvalidExchange,
    TooManyExchanges,
)
from qr.contract.events import DeviceClass


class ExchangeState(StrEnum):
    """How far an exchange has come: it was left, it is a contact now, or it must not be one."""

    RECEIVED = "received"
    RECORDED = "recorded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorDetails:
    """What visitors leave of themselves; what they left empty is None."""

    name: str
    email: str | None = None
    phone: str | None = None
    organisation: str | None = None
    title: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a visitor has agreed to, in the words that they read, and when."""

    version: str
    text: str
    purpose: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who came, as coarsely as the events of visits tell it."""

    device_class: DeviceClass = DeviceClass.UNKNOWN
    referrer_host: str | None = None
    visitor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A card that somebody left at the page of a card.

    `details` are there until they have become the contact `visitor_contact_id`, which holds them
    from then on; of who must not come back nothing is kept. `settled_at` is when that was decided.
    """

    id: UUID
    card_id: UUID
    state: ExchangeState
    details: VisitorDetails | None
    consent: Consent
    visitor_contact_id: UUID | None
    created_at: datetime
    settled_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePage:
    """Exchanges, newest first; `next_after` is None on the last page."""

    items: tuple[Exchange, ...]
    next_after: UUID | None
    total: int | None = None


class Exchanges(Protocol):
    """Cards that visitors have left at the cards of the current workspace."""

    @command(errors=(CardNotFound, CardWithdrawn, InvalidExchange, TooManyExchanges))
    def leave_card(
        self,
        submission_id: UUID,
        slug: str,
        details: VisitorDetails,
        *,
        consent_version: str,
        visit: Visit,
    ) -> bool:
        """Keep what a visitor leaves at a card; emits `card.exchanged.v1`.

        Returns False, and does nothing, for a submission that has come before, and for the same
        details again at the same card.

        :raises InvalidExchange: with an error for each field that is missing, too long or spam
        """
        ...

    @command()
    def record_exchanges(self, exchange_ids: tuple[UUID, ...]) -> int:
        """Make contacts of exchanges that were received; return how many are settled now.

        Emits `exchange.recorded.v1` for each contact. People who were erased are refused, and
        what they left is erased. May be repeated: an exchange ends as one contact.
        """
        ...

    @query(errors=(ExchangeNotFound,))
    def get_exchange(self, exchange_id: UUID) -> Exchange:
        """Return one exchange."""
        ...

    @query()
    def list_exchanges(
        self,
        *,
        card_id: UUID | None = None,
        state: ExchangeState | None = None,
        visitor_contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ExchangePage:
        """Return exchanges, newest first, from behind `after`."""
        ...

    @command()
    def move_exchanges(self, source_id: UUID, target_id: UUID) -> int:
        """Let the exchanges of a contact that was merged be those of another; return how many."""
        ...

    @command()
    def give_back_exchanges(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Give exchanges that came from one of the sources, and are the target's, to the first.

        Returns how many went back, and how many are somebody else's by now and stay so.
        """
        ...
