"""Statements about cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from meishi.sdk.changes import changed_rows
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import ChangeQuery
from meishi.sdk.database import current_connection, resolve
from qr.addresses import card_address
from qr.contract import Card, CardField, ChangedCards
from qr.models import card


class CardTable:
    """The cards of the current workspace; `public_url` is where their pages are reached."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def page_url(self, slug: str) -> str:
        """Return the address of a card's page."""
        return card_address(self._public_url, slug)

    def add(self, new: Card) -> bool:
        """Insert a card; return False if its slug is taken anywhere in the deployment."""
        statement = (
            insert(card)
            .values(
                workspace_id=current_workspace(),
                id=new.id,
                contact_id=new.contact_id,
                title=new.title,
                fields=_names(new.fields),
                slug=new.slug,
                version=new.version,
                created_at=new.created_at,
                updated_at=new.updated_at,
                created_by=new.created_by,
            )
            .on_conflict_do_nothing(index_elements=[card.c.slug])
            .returning(card.c.id)
        )
        return current_connection().execute(statement).first() is not None

    def get(self, card_id: UUID, *, locked: bool = False) -> Card | None:
        """Return one card; `locked` keeps others from changing it until the commit."""
        statement = select(card).where(card.c.id == card_id)
        return self._first(statement.with_for_update() if locked else statement)

    def of_ids(self, card_ids: Sequence[UUID]) -> list[Card]:
        """Return the cards that have one of the ids."""
        statement = select(card).where(card.c.id.in_(card_ids))
        return [self._card(row) for row in current_connection().execute(statement)]

    def by_slug(self, slug: str) -> Card | None:
        """Return the card with a slug."""
        return self._first(select(card).where(card.c.slug == slug))

    def page(self, contact_id: UUID | None, after: UUID | None, limit: int) -> list[Card]:
        """Return cards in order of creation."""
        statement = _of_contact(select(card), contact_id).order_by(card.c.id).limit(limit)
        if after is not None:
            statement = statement.where(card.c.id > after)
        return [self._card(row) for row in current_connection().execute(statement)]

    def changes(self, wanted: ChangeQuery) -> ChangedCards:
        """Return what has changed; a card that changes between the statements comes later."""
        found = changed_rows(wanted, card)
        statement = select(card).where(card.c.id.in_(found.ids))
        items = [self._card(row) for row in current_connection().execute(statement)]
        return ChangedCards(items=tuple(items), page=found.page)

    def update(self, changed: Card) -> None:
        """Write what of a card can change."""
        current_connection().execute(
            update(card)
            .where(card.c.id == changed.id)
            .values(
                title=changed.title,
                fields=_names(changed.fields),
                version=changed.version,
                updated_at=changed.updated_at,
            )
        )

    def _first(self, statement: Select[Any]) -> Card | None:
        row = current_connection().execute(statement).first()
        return None if row is None else self._card(row)

    def _card(self, row: Row[Any]) -> Card:
        return Card(
            id=row.id,
            contact_id=row.contact_id,
            title=row.title,
            fields=tuple(map(CardField, row.fields)),
            slug=row.slug,
            page_url=self.page_url(row.slug),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            created_by=row.created_by,
        )


def count(contact_id: UUID | None) -> int:
    """Return how many cards there are."""
    statement = _of_contact(select(func.count()).select_from(card), contact_id)
    return int(current_connection().execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class TitledCard:
    """A card as the search shows it."""

    id: UUID
    contact_id: UUID
    title: str
    slug: str


def titled(text: str, limit: int) -> list[TitledCard]:
    """Return cards whose title has a text, in any case; a workspace has few enough to look at."""
    written, title = text.lower(), func.lower(card.c.title)
    statement = (
        select(card.c.id, card.c.contact_id, card.c.title, card.c.slug)
        .where(title.contains(written, autoescape=True))
        .order_by(title.startswith(written, autoescape=True).desc(), title, card.c.id)
        .limit(limit)
    )
    return [TitledCard(*row) for row in current_connection().execute(statement)]


def workspace_of(slug: str) -> UUID | None:
    """Return the workspace of a card, whichever it is."""
    found = resolve("qr.resolve_card", slug)
    return None if found is None else found.workspace_id


def _of_contact(statement: Select[Any], contact_id: UUID | None) -> Select[Any]:
    return statement if contact_id is None else statement.where(card.c.contact_id == contact_id)


def _names(fields: tuple[CardField, ...]) -> list[str]:
    return [field.value for field in fields]
