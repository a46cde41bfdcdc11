"""What the QR generator does for others."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import ChangeQuery, SyncTokenExpired, VersionMismatch, command, query
from qr.contract.errors import (
    CardNotFound,
    CardSourceMissing,
    CardWithdrawn,
    CodeIsStatic,
    CodeNotFound,
    CodeRetired,
    CodeTooLarge,
    CodeUnreadable,
    LookRefused,
)
from qr.contract.values import (
    ALL_FIELDS,
    DEFAULT_LOOK,
    Card,
    CardChanges,
    CardField,
    CardPage,
    ChangedCards,
    ChangedCodes,
    Code,
    CodeChanges,
    CodeKind,
    CodePage,
    CodeTarget,
    ErrorCorrection,
    Image,
    ImageFormat,
    Look,
    PublicCard,
    ScanReport,
)


class Cards(Protocol):
    """Cards of the current workspace."""

    @command(errors=(CardSourceMissing,))
    def create_card(self, contact_id: UUID, *, fields: tuple[CardField, ...] = ALL_FIELDS) -> Card:
        """Make a card that shows these fields of a contact."""
        ...

    @query(errors=(CardNotFound,))
    def get_card(self, card_id: UUID) -> Card:
        """Return one card."""
        ...

    @query()
    def find_cards(self, card_ids: tuple[UUID, ...]) -> tuple[Card, ...]:
        """Return those of these cards that there are, in no order."""
        ...

    @query()
    def list_cards(
        self,
        *,
        contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> CardPage:
        """Return cards, of one contact or of all, in order of creation from behind `after`."""
        ...

    @query(errors=(SyncTokenExpired,))
    def card_changes(self, wanted: ChangeQuery) -> ChangedCards:
        """Return what has changed among the cards since a mark."""
        ...

    @command(errors=(CardNotFound, VersionMismatch))
    def update_card(
        self, card_id: UUID, changes: CardChanges, *, versions: tuple[int, ...] | None = None
    ) -> Card:
        """Change a card, if it has one of the `versions`; None stands for any.

        Where nothing differs nothing happens, and the version stays.
        """
        ...

    @command()
    def move_cards(self, source_id: UUID, target_id: UUID) -> int:
        """Let the cards of a contact that was merged into another show that; return how many."""
        ...

    @command()
    def give_back_cards(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Give cards that came from one of the sources, and show the target, to the first of them.

        Returns how many went back, and how many show another contact by now and stay so.
        """
        ...

    @command()
    def forget_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Leave nothing of erased contacts in their cards, and take their codes out of use.

        Nor in what they have left at the cards of others.
        """
        ...


class Codes(Protocol):
    """Codes of the current workspace, and the images of them that are printed."""

    @command(errors=(CardNotFound, CardSourceMissing, CodeTooLarge, CodeUnreadable))
    def create_code(
        self,
        card_id: UUID,
        *,
        kind: CodeKind = CodeKind.VCARD,
        error_correction: ErrorCorrection = ErrorCorrection.M,
        label: str | None = None,
    ) -> Code:
        """Make a code of a card; its content is fixed from here on.

        Static codes hold what the card shows of the contact now.
        """
        ...

    @query(errors=(CodeNotFound,))
    def get_code(self, code_id: UUID) -> Code:
        """Return one code that is not deleted."""
        ...

    @query()
    def list_codes(
        self,
        *,
        card_id: UUID | None = None,
        deleted: bool = False,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> CodePage:
        """Return codes, of one card or of all, in order of creation from behind `after`.

        Deleted codes are left out, or with `deleted` shown alone.
        """
        ...

    @query(errors=(SyncTokenExpired,))
    def code_changes(self, wanted: ChangeQuery) -> ChangedCodes:
        """Return what has changed among the codes since a mark, and which are deleted."""
        ...

    @command(errors=(CodeNotFound, CardNotFound, CodeIsStatic, VersionMismatch))
    def update_code(
        self, code_id: UUID, changes: CodeChanges, *, versions: tuple[int, ...] | None = None
    ) -> Code:
        """Change a code, if it has one of the `versions`; None stands for any.

        Another card than before can be given to dynamic codes only. Where nothing differs
        nothing happens, and the version stays.
        """
        ...

    @command(errors=(CodeNotFound, VersionMismatch))
    def delete_code(self, code_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take a code out of use; who scans it is told so, until it is restored."""
        ...

    @command(errors=(CodeNotFound,))
    def restore_code(self, code_id: UUID) -> Code:
        """Bring a deleted code back; one that was not deleted is returned as it is."""
        ...

    @query(errors=(CodeNotFound, LookRefused))
    def image_tag(
        self, code_id: UUID, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> str:
        """Return what names an image among all others, without drawing it.

        Who has an image under this tag has what `render` would return.
        """
        ...

    @query(errors=(CodeNotFound, CodeUnreadable, LookRefused))
    def render(
        self, code_id: UUID, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> Image:
        """Draw a code and read it back before returning it.

        Refused is a contrast of less than 4.5 : 1, light on dark, and a quiet zone of less than
        four modules; the error suggests what would pass.
        """
        ...

    @query(errors=(CodeTooLarge, CodeUnreadable, LookRefused))
    def draw_address(
        self, address: str, image_format: ImageFormat, *, look: Look = DEFAULT_LOOK
    ) -> Image:
        """Draw a code that leads to any address, and read it back; nothing is stored."""
        ...

    @query(errors=(CodeNotFound, CodeUnreadable, LookRefused))
    def verify(self, code_id: UUID, *, look: Look = DEFAULT_LOOK) -> ScanReport:
        """Tell how well a code can be scanned that looks like this."""
        ...


class PublicCards(Protocol):
    """What anybody may see of cards, whoever they are.

    `workspace_of_…` are asked outside of any workspace, the others in the one that was found.
    """

    @query()
    def workspace_of_code(self, short_code: str) -> UUID | None:
        """Return whose a dynamic code is, however somebody may have typed it."""
        ...

    @query()
    def workspace_of_card(self, slug: str) -> UUID | None:
        """Return whose a card is."""
        ...

    @query(errors=(CodeNotFound, CodeRetired))
    def target(self, short_code: str) -> CodeTarget:
        """Return where a dynamic code leads."""
        ...

    @query(errors=(CardNotFound, CardWithdrawn))
    def show(self, slug: str) -> PublicCard:
        """Return a card with what it shows of its contact now."""
        ...

    @command(errors=(CardNotFound,))
    def invite(self, slug: str) -> str:
        """Return the path at which who has seen a card makes one of their own.

        That is the sign-up, or what another plugin says (`CardInvitation`).
        """
        ...
