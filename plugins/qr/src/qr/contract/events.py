"""What the QR generator publishes: that somebody came, never who."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from meishi.sdk.contract import Event


class Channel(StrEnum):
    """By what a visitor met a card: a scanned code, its page, its contact file, its form."""

    SCAN = "scan"
    PAGE = "page"
    FILE = "file"
    FORM = "form"


class DeviceClass(StrEnum):
    """What kind of program or device asked."""

    MOBILE = "mobile"
    TABLET = "tablet"
    DESKTOP = "desktop"
    BOT = "bot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit(Event):
    """A visit; `visitor` is the same for the same visitor on the same day, and else says nothing.

    It is None where nobody can tell, and in events from before it was known.
    """

    subject: ClassVar[str] = "card_id"

    card_id: UUID
    code_id: UUID | None = None
    channel: Channel
    device_class: DeviceClass
    referrer_host: str | None = None
    visitor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScanned(_Visit):
    """Somebody scanned a dynamic code, which led to this card."""

    event_type: ClassVar[str] = "card.scanned.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardViewed(_Visit):
    """Somebody looked at the card's page."""

    event_type: ClassVar[str] = "card.viewed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSaved(_Visit):
    """Somebody took the card's contact file."""

    event_type: ClassVar[str] = "card.saved.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardExchanged(_Visit):
    """Somebody left a card of their own at the card's page."""

    event_type: ClassVar[str] = "card.exchanged.v1"

    exchange_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRecorded(Event):
    """What somebody left at a card is the contact `visitor_contact_id` now.

    `contact_id` is the contact whose card it was.
    """

    event_type: ClassVar[str] = "exchange.recorded.v1"
    subject: ClassVar[str] = "exchange_id"

    exchange_id: UUID
    card_id: UUID
    contact_id: UUID
    visitor_contact_id: UUID
