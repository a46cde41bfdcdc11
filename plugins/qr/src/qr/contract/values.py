"""What cards and codes are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

from crm_contacts.contract import ContactDraft
from meishi.sdk.contract import ChangePage

MAX_PAGE = 200


class CardField(StrEnum):
    """A part of a contact that a card may show; the name it shows always."""

    ORGANISATION = "organisation"
    TITLE = "title"
    PHONES = "phones"
    EMAILS = "emails"
    LINKS = "links"
    ADDRESSES = "addresses"


ALL_FIELDS = tuple(CardField)


class CodeKind(StrEnum):
    """What a code carries: the contact itself, or the address of a page that can change."""

    VCARD = "vcard"
    DYNAMIC = "dynamic"


class ImageFormat(StrEnum):
    """What a code can be drawn as."""

    SVG = "svg"
    PNG = "png"


class ErrorCorrection(StrEnum):
    """Error correction levels of ISO/IEC 18004: about 7, 15, 25 and 30 per cent."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A person's public card: what they chose to show of one of their contacts.

    `title` is for its owner's eyes; it is empty for whom the contact is kept from, and once the
    person was erased. `page_url` is where everybody sees the card; its last part
    is the `slug`, which cannot be guessed. `created_by` is the user who made it, if one did.
    """

    id: UUID
    contact_id: UUID
    title: str
    fields: tuple[CardField, ...]
    slug: str
    page_url: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChanges:
    """What to change about a card; what is unset stays."""

    title: str | UnsetType = UNSET
    fields: tuple[CardField, ...] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """Cards in order of creation; `next_after` is None on the last page."""

    items: tuple[Card, ...]
    next_after: UUID | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCards:
    """A page of what has changed: the cards that are there, and the rest of the page."""

    items: tuple[Card, ...]
    page: ChangePage


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code of a card, as it is printed: its `content` never changes.

    A static code carries the contact itself, a dynamic one an address that leads to its card's
    page, whichever card that is. A code that was deleted can be restored.
    """

    id: UUID
    card_id: UUID
    kind: CodeKind
    error_correction: ErrorCorrection
    content: str
    label: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChanges:
    """What to change about a code; what is unset stays."""

    card_id: UUID | UnsetType = UNSET
    label: str | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """Codes in order of creation; `next_after` is None on the last page."""

    items: tuple[Code, ...]
    next_after: UUID | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCodes:
    """A page of what has changed: the codes that are there, and the rest of the page."""

    items: tuple[Code, ...]
    page: ChangePage


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a code is drawn: pixels per module, colours (#rrggbb), modules of quiet zone."""

    scale: int = 8
    dark: str = "#000000"
    light: str = "#ffffff"
    quiet_zone: int = 4


DEFAULT_LOOK = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A drawn code that was read back before it was handed out."""

    media_type: str
    body: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCheck:
    """Whether a code was read that is this many pixels wide, quiet zone included."""

    pixels: int
    decodes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """How well a code in a look can be scanned, and what would make it scannable.

    `contrast` is dark on light, as WCAG counts it, 1 to 21; `modules` is the side of the symbol
    without its quiet zone. `suggested` differs from the look that was asked for where that fails.
    """

    scannable: bool
    decodes: bool
    contrast: float
    quiet_zone: int
    version: int
    error_correction: ErrorCorrection
    modules: int
    sizes: tuple[SizeCheck, ...]
    suggestions: tuple[str, ...]
    suggested: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTarget:
    """Where a dynamic code leads."""

    code_id: UUID
    card_id: UUID
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCard:
    """A card as everybody sees it; `contact` holds nothing but what the card shows."""

    card_id: UUID
    slug: str
    page_url: str
    contact: ContactDraft
