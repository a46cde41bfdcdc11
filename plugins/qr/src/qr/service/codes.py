"""Codes: what they carry, where they lead, how they are drawn."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from meishi.sdk.context import service
from meishi.sdk.contract import ChangeQuery, check_version
from meishi.sdk.plugin import PluginContext
from qr.addresses import code_address
from qr.contract import (
    DEFAULT_LOOK,
    MAX_PAGE,
    Card,
    Cards,
    ChangedCodes,
    Code,
    CodeChanges,
    CodeIsStatic,
    CodeKind,
    CodeNotFound,
    CodePage,
    ErrorCorrection,
    Image,
    ImageFormat,
    Look,
    ScanReport,
)
from qr.rendering import Draw, draw, image_tag, verified_image
from qr.repository import codes
from qr.scannability import scan_report
from qr.service.cards import source
from qr.shown_contact import shown_contact
from qr.symbol import printable_bytes
from qr.tokens import MAX_TRIES, RandomBits, new_short_code
from qr.vcard_text import fitting_vcard_text


class CodeService:
    """Implements `Codes`."""

    def __init__(
        self,
        context: PluginContext,
        draw: Draw = draw,
        random_bits: RandomBits = secrets.randbits,
    ) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._public_url = context.public_url
        self._draw = draw
        self._random_bits = random_bits

    def create_code(
        self,
        card_id: UUID,
        *,
        kind: CodeKind = CodeKind.VCARD,
        error_correction: ErrorCorrection = ErrorCorrection.M,
        label: str | None = None,
    ) -> Code:
        """Make a code; one that could not be read back is not made."""
        card, now = service(Cards).get_card(card_id), self._clock()
        code = Code(
            id=self._new_id(),
            card_id=card.id,
            kind=kind,
            error_correction=error_correction,
            content="",
            label=label,
            version=1,
            created_at=now,
            updated_at=now,
        )
        return self._dynamic(code) if kind is CodeKind.DYNAMIC else self._static(code, card)

    def get_code(self, code_id: UUID) -> Code:
        """Return one code that is not deleted."""
        return _found(code_id)

    def list_codes(
        self,
        *,
        card_id: UUID | None = None,
        deleted: bool = False,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> CodePage:
        """Return codes in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = codes.page(card_id, after, size + 1, deleted=deleted)
        return CodePage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=codes.count(card_id, deleted=deleted) if with_total else None,
        )

    def code_changes(self, wanted: ChangeQuery) -> ChangedCodes:
        """Return what has changed since a mark."""
        return codes.changes(wanted)

    def update_code(
        self, code_id: UUID, changes: CodeChanges, *, versions: tuple[int, ...] | None = None
    ) -> Code:
        """Change a code."""
        code = _found(code_id, locked=True)
        check_version(code.version, versions)
        changed = replace(
            code,
            card_id=code.card_id if changes.card_id is UNSET else changes.card_id,
            label=code.label if changes.label is UNSET else changes.label,
        )
        if changed == code:
            return code
        if changed.card_id != code.card_id:
            if code.kind is not CodeKind.DYNAMIC:
                raise CodeIsStatic("This code carries its contact itself; make another code.")
            service(Cards).get_card(changed.card_id)
        return self._stored(changed)

    def delete_code(self, code_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take a code out of use."""
        code = _found(code_id, locked=True)
        check_version(code.version, versions)
        self._stored(code, deleted_at=self._clock())

    def restore_code(self, code_id: UUID) -> Code:
        """Bring a deleted code back."""
        code = _found(code_id, locked=True, deleted=True)
        if not code.content:
            raise CodeNotFound(f"The code {code_id} was erased with its contact.")
        return code if code.deleted_at is None else self._stored(code)

    def image_tag(
        self, code_id: UUID, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> str:
        """Return what names an image."""
        code = _found(code_id)
        return image_tag(code.content, code.error_correction, image_format, look)

    def render(
        self, code_id: UUID, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> Image:
        """Draw a code and read it back."""
        return self._image(_found(code_id), image_format, look)

    def draw_address(
        self, address: str, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> Image:
        """Draw a code that leads to an address."""
        return verified_image(
            address,
            error_correction=ErrorCorrection.M,
            image_format=image_format,
            look=look,
            title=address,
            draw=self._draw,
        )

    def verify(self, code_id: UUID, *, look: Look = DEFAULT_LOOK) -> ScanReport:
        """Tell how well a code can be scanned."""
        code = _found(code_id)
        return scan_report(code.content, code.error_correction, look, draw=self._draw)

    def _static(self, code: Code, card: Card) -> Code:
        contact = shown_contact(source(card.contact_id), card.fields)
        capacity = printable_bytes(code.error_correction)
        code = replace(code, content=fitting_vcard_text(contact, capacity))
        self._image(code, ImageFormat.PNG, Look(scale=1))
        codes.add(code)
        return code

    def _dynamic(self, code: Code) -> Code:
        for _ in range(MAX_TRIES):
            short_code = new_short_code(self._random_bits)
            code = replace(code, content=code_address(self._public_url, short_code))
            self._image(code, ImageFormat.PNG, Look(scale=1))
            if codes.add(code, short_code):
                return code
        raise RuntimeError(f"{MAX_TRIES} random short codes were taken already")

    def _image(self, code: Code, image_format: ImageFormat, look: Look) -> Image:
        return verified_image(
            code.content,
            error_correction=code.error_correction,
            image_format=image_format,
            look=look,
            title="Contact card",
            draw=self._draw,
        )

    def _stored(self, code: Code, *, deleted_at: datetime | None = None) -> Code:
        changed = replace(
            code, version=code.version + 1, updated_at=self._clock(), deleted_at=deleted_at
        )
        codes.update_code(changed)
        return changed


def _found(code_id: UUID, *, locked: bool = False, deleted: bool = False) -> Code:
    found = codes.get(code_id, locked=locked)
    if found is None or (found.deleted_at is not None and not deleted):
        raise CodeNotFound(f"There is no code {code_id} in this workspace.")
    return found
