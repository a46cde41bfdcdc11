"""Cards: which contact they show, what of it, and under which address."""

from __future__ import annotations

import secrets
from dataclasses import replace
from uuid import UUID

from msgspec import UNSET

from crm_contacts.contract import Contact, ContactNotFound, Contacts
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import ChangeQuery, check_version
from meishi.sdk.plugin import PluginContext
from qr.contract import (
    ALL_FIELDS,
    MAX_PAGE,
    Card,
    CardChanges,
    CardField,
    CardNotFound,
    CardPage,
    CardSourceMissing,
    ChangedCards,
)
from qr.repository import cards, moves, people
from qr.service.showing import shown_cards
from qr.tokens import MAX_TRIES, RandomBits, new_slug


class CardService:
    """Implements `Cards`."""

    def __init__(self, context: PluginContext, random_bits: RandomBits = secrets.randbits) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._cards = cards.CardTable(context.public_url)
        self._random_bits = random_bits

    def create_card(self, contact_id: UUID, *, fields: tuple[CardField, ...] = ALL_FIELDS) -> Card:
        """Make a card from a contact."""
        contact, now = source(contact_id), self._clock()
        for _ in range(MAX_TRIES):
            slug = new_slug(self._random_bits)
            card = Card(
                id=self._new_id(),
                contact_id=contact.id,
                title=contact.name.full,
                fields=_in_order(fields),
                slug=slug,
                page_url=self._cards.page_url(slug),
                version=1,
                created_at=now,
                updated_at=now,
                created_by=current_actor().user_id,
            )
            if self._cards.add(card):
                return card
        raise RuntimeError(f"{MAX_TRIES} random slugs were taken already")

    def get_card(self, card_id: UUID) -> Card:
        """Return one card."""
        (card,) = shown_cards([self._found(card_id)])
        return card

    def find_cards(self, card_ids: tuple[UUID, ...]) -> tuple[Card, ...]:
        """Return those of these cards that there are."""
        return shown_cards(self._cards.of_ids(card_ids))

    def list_cards(
        self,
        *,
        contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> CardPage:
        """Return cards in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = self._cards.page(contact_id, after, size + 1)
        return CardPage(
            items=shown_cards(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=cards.count(contact_id) if with_total else None,
        )

    def card_changes(self, wanted: ChangeQuery) -> ChangedCards:
        """Return what has changed since a mark."""
        found = self._cards.changes(wanted)
        return replace(found, items=shown_cards(found.items))

    def update_card(
        self, card_id: UUID, changes: CardChanges, *, versions: tuple[int, ...] | None = None
    ) -> Card:
        """Change a card."""
        card = self._found(card_id, locked=True)
        check_version(card.version, versions)
        changed = replace(
            card,
            title=card.title if changes.title is UNSET else changes.title,
            fields=card.fields if changes.fields is UNSET else _in_order(changes.fields),
        )
        if changed == card:
            return shown_cards([card])[0]
        changed = replace(changed, version=card.version + 1, updated_at=self._clock())
        self._cards.update(changed)
        return shown_cards([changed])[0]

    def move_cards(self, source_id: UUID, target_id: UUID) -> int:
        """Let the cards of a contact that was merged into another show that."""
        return moves.move("card", source_id, target_id, self._clock())

    def give_back_cards(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Give cards back that were moved."""
        return moves.give_back("card", source_ids, target_id, self._clock())

    def forget_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Empty the cards of contacts that were erased, and what they left at others."""
        people.empty(contact_ids)
        people.empty_exchanges(contact_ids)

    def _found(self, card_id: UUID, *, locked: bool = False) -> Card:
        found = self._cards.get(card_id, locked=locked)
        if found is None:
            raise CardNotFound(f"There is no card {card_id} in this workspace.")
        return found


def source(contact_id: UUID) -> Contact:
    """Return the contact of a card; raise `CardSourceMissing` if it is gone."""
    try:
        return service(Contacts).get(contact_id)
    except ContactNotFound as error:
        raise CardSourceMissing(error.detail) from error


def _in_order(fields: tuple[CardField, ...]) -> tuple[CardField, ...]:
    """Return each field once, in the order in which cards show them."""
    return tuple(field for field in CardField if field in fields)
