"""The QR generator's contract: the only module of this package that others may import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, command, query

MAX_PAGE = 200


class CodeKind(StrEnum):
    """What a code carries."""

    VCARD = "vcard"


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
    """A person's public card: what they chose to show of one of their contacts."""

    id: UUID
    contact_id: UUID
    title: str
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code of a card. A static one carries `content` itself and never changes."""

    id: UUID
    card_id: UUID
    kind: CodeKind
    error_correction: ErrorCorrection
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A drawn code that was read back before it was handed out."""

    media_type: str
    body: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """Cards in order of creation; `next_after` is None on the last page."""

    items: tuple[Card, ...]
    next_after: UUID | None


class CardNotFound(DomainError):
    """No such card in this workspace."""

    code = "card-not-found"
    title = "Card not found"
    status = 404


class CodeNotFound(DomainError):
    """No such code in this workspace."""

    code = "code-not-found"
    title = "Code not found"
    status = 404


class CardSourceMissing(DomainError):
    """The contact that a card should show does not exist."""

    code = "card-source-missing"
    title = "Contact of the card not found"
    status = 422


class CodeTooLarge(DomainError):
    """The content does not fit into a code."""

    code = "code-too-large"
    title = "Too much for one code"
    status = 422


class CodeUnreadable(DomainError):
    """The drawn code could not be read back, so it is not served."""

    code = "code-unreadable"
    title = "The code cannot be read"
    status = 422


class Cards(Protocol):
    """Cards of the current workspace and the codes printed for them."""

    @command(errors=(CardSourceMissing,))
    def create_card(self, contact_id: UUID) -> Card:
        """Make a card from a contact, read through the contact service's contract."""
        ...

    @query(errors=(CardNotFound,))
    def get_card(self, card_id: UUID) -> Card:
        """Return one card."""
        ...

    @query()
    def list_cards(self, *, after: UUID | None = None, limit: int = 50) -> CardPage:
        """Return cards in order of creation, from behind the card `after`."""
        ...

    @command(errors=(CardNotFound, CardSourceMissing, CodeTooLarge, CodeUnreadable))
    def create_code(
        self, card_id: UUID, *, error_correction: ErrorCorrection = ErrorCorrection.M
    ) -> Code:
        """Make a static vCard code of a card; its content is fixed from here on."""
        ...

    @query(errors=(CodeNotFound,))
    def get_code(self, code_id: UUID) -> Code:
        """Return one code."""
        ...

    @query(errors=(CodeNotFound, CodeUnreadable))
    def render(self, code_id: UUID, image_format: ImageFormat, *, scale: int = 8) -> Image:
        """Draw a code, `scale` pixels per module, and read it back before returning it."""
        ...
