"""What the QR generator publishes: that somebody came, never who."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from meishi.sdk.contract import Event


class Channel(StrEnum):
    """By what a visitor met a card: a scanned code, its page, its contact file."""

    SCAN = "scan"
    PAGE = "page"
    FILE = "file"


class DeviceClass(StrEnum):
    """What kind of program or device asked."""

    MOBILE = "mobile"
    TABLET = "tablet"
    DESKTOP = "desktop"
    BOT = "bot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit(Event):
    subject: ClassVar[str] = "card_id"

    card_id: UUID
    code_id: UUID | None = None
    channel: Channel
    device_class: DeviceClass
    referrer_host: str | None = None


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
