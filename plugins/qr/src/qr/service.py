"""The QR generator's rules."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import Contact, ContactNotFound, Contacts
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext
from qr import repository
from qr.contract import (
    MAX_PAGE,
    Card,
    CardNotFound,
    CardPage,
    CardSourceMissing,
    Code,
    CodeKind,
    CodeNotFound,
    ErrorCorrection,
    Image,
    ImageFormat,
)
from qr.rendering import Draw, draw, verified_image
from qr.symbol import printable_bytes
from qr.vcard_text import fitting_vcard_text


class CardService:
    """Implements `Cards`."""

    def __init__(self, context: PluginContext, draw: Draw = draw) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._draw = draw

    def create_card(self, contact_id: UUID) -> Card:
        """Make a card from a contact."""
        contact = _source(contact_id)
        card = Card(
            id=self._new_id(),
            contact_id=contact.id,
            title=contact.name.full,
            version=1,
            created_at=self._clock(),
        )
        repository.add_card(card)
        return card

    def get_card(self, card_id: UUID) -> Card:
        """Return one card."""
        found = repository.get_card(card_id)
        if found is None:
            raise CardNotFound(f"There is no card {card_id} in this workspace.")
        return found

    def list_cards(self, *, after: UUID | None = None, limit: int = 50) -> CardPage:
        """Return cards in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = repository.cards(after, size + 1)
        return CardPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
        )

    def create_code(
        self, card_id: UUID, *, error_correction: ErrorCorrection = ErrorCorrection.M
    ) -> Code:
        """Make a static code; one that could not be read back is not made."""
        card = self.get_card(card_id)
        contact = _source(card.contact_id)
        code = Code(
            id=self._new_id(),
            card_id=card.id,
            kind=CodeKind.VCARD,
            error_correction=error_correction,
            content=fitting_vcard_text(contact, printable_bytes(error_correction)),
            created_at=self._clock(),
        )
        self._image(code, ImageFormat.PNG, scale=1)
        repository.add_code(code)
        return code

    def get_code(self, code_id: UUID) -> Code:
        """Return one code."""
        found = repository.get_code(code_id)
        if found is None:
            raise CodeNotFound(f"There is no code {code_id} in this workspace.")
        return found

    def render(self, code_id: UUID, image_format: ImageFormat, *, scale: int = 8) -> Image:
        """Draw a code and read it back."""
        return self._image(self.get_code(code_id), image_format, scale=scale)

    def _image(self, code: Code, image_format: ImageFormat, *, scale: int) -> Image:
        return verified_image(
            code.content,
            error_correction=code.error_correction,
            image_format=image_format,
            scale=scale,
            title="Contact card",
            draw=self._draw,
        )


def _source(contact_id: UUID) -> Contact:
    try:
        return service(Contacts).get(contact_id)
    except ContactNotFound as error:
        raise CardSourceMissing(error.detail) from error
