"""Cards as everybody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from crm_contacts.contract import ContactNotFound, Contacts
from meishi.sdk.context import service
from meishi.sdk.hooks import ImplementationFailed, extensions
from meishi.sdk.plugin import PluginContext
from qr.contract import (
    CardNotFound,
    CardWithdrawn,
    CodeNotFound,
    CodeRetired,
    CodeTarget,
    PublicCard,
)
from qr.invitations import qr_card_invitations
from qr.repository import cards, codes
from qr.shown_contact import shown_contact
from qr.tokens import is_slug, short_code_in

_SIGN_UP = "/sign-up"
#: A path of this site: two slashes would lead to another, and so would what browsers take for one.
_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]{0,2000}")
#: Seconds after which an invitation is not worth waiting for.
_PATIENCE = 1.0


class PublicCardService:
    """Implements `PublicCards`."""

    def __init__(self, context: PluginContext) -> None:
        self._cards = cards.CardTable(context.public_url)

    def workspace_of_code(self, short_code: str) -> UUID | None:
        """Return whose a dynamic code is."""
        code = short_code_in(short_code)
        return None if code is None else codes.workspace_of(code)

    def workspace_of_card(self, slug: str) -> UUID | None:
        """Return whose a card is."""
        return cards.workspace_of(slug) if is_slug(slug) else None

    def target(self, short_code: str) -> CodeTarget:
        """Return where a dynamic code leads."""
        code = short_code_in(short_code)
        found = None if code is None else codes.target(code)
        if found is None:
            raise CodeNotFound("There is no such code.")
        target, deleted_at = found
        if deleted_at is not None:
            raise CodeRetired("Its owner has taken it out of use.")
        return target

    def invite(self, slug: str) -> str:
        """Return the path at which who has seen a card makes one of their own."""
        card = self._cards.by_slug(slug) if is_slug(slug) else None
        if card is None:
            raise CardNotFound("There is no such card.")
        return next(_invitations(card.id), _SIGN_UP)

    def show(self, slug: str) -> PublicCard:
        """Return a card with what it shows of its contact now."""
        card = self._cards.by_slug(slug) if is_slug(slug) else None
        if card is None:
            raise CardNotFound("There is no such card.")
        try:
            contact = service(Contacts).get(card.contact_id)
        except ContactNotFound as error:
            raise CardWithdrawn("Its owner has taken it back.") from error
        return PublicCard(
            card_id=card.id,
            slug=card.slug,
            page_url=card.page_url,
            contact=shown_contact(contact, card.fields),
        )


def _invitations(card_id: UUID) -> Iterator[str]:
    """Yield where other plugins lead; the host has logged who failed."""
    for found in extensions(qr_card_invitations):
        for invitation in found.items:
            with suppress(ImplementationFailed):
                path = found.call_within(_PATIENCE, invitation.address, card_id)
                if isinstance(path, str) and _PATH.fullmatch(path):
                    yield path
