"""Cards over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask.views import MethodView
from msgspec import UNSET

from meishi.sdk.context import service
from meishi.sdk.contract import ChangeQuery, Document, ListQuery
from meishi.sdk.http import MERGE_PATCH, Include, document_of, wanted_versions
from qr.contract import (
    Card,
    CardChanges,
    CardNotFound,
    CardPage,
    Cards,
    CardSourceMissing,
    ChangedCards,
)
from qr.routes.blueprint import after_of, blueprint, conditions_of, uuid_or_none
from qr.schemas import (
    CardDraftSchema,
    CardPageSchema,
    CardPatchSchema,
    CardQuerySchema,
    CardSchema,
)


@blueprint.route("/cards")
class CardList(MethodView):
    """All cards of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(CardQuerySchema, location="query")
    @blueprint.page(CardPageSchema)
    def get(self, wanted: ListQuery) -> CardPage:
        """List cards in order of creation."""
        return service(Cards).list_cards(
            contact_id=uuid_or_none(conditions_of(wanted).get("contact_id")),
            after=after_of(wanted),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(CardDraftSchema)
    @blueprint.document(CardSchema, status=201)
    @blueprint.problems(CardSourceMissing)
    def post(self, document: dict[str, Any]) -> Card:
        """Make a card from a contact."""
        return service(Cards).create_card(document["contact_id"], fields=tuple(document["shown"]))


@blueprint.route("/cards/changes")
class CardFeed(MethodView):
    """What has changed among the cards of the workspace."""

    @blueprint.requires("read")
    @blueprint.changes(CardSchema)
    def get(self, wanted: ChangeQuery) -> ChangedCards:
        """Tell what has changed: cards as they are now."""
        return service(Cards).card_changes(wanted)


@blueprint.route("/cards/<uuid:card_id>")
class CardItem(MethodView):
    """One card."""

    @blueprint.requires("read")
    @blueprint.document(CardSchema)
    @blueprint.problem(CardNotFound)
    def get(self, card_id: UUID) -> Card:
        """Return a card."""
        return service(Cards).get_card(card_id)

    @blueprint.requires("write")
    @blueprint.arguments(CardPatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(CardSchema)
    @blueprint.preconditions()
    @blueprint.problem(CardNotFound)
    def patch(self, document: dict[str, Any], card_id: UUID) -> Card:
        """Change what a card is called and shows."""
        changes = CardChanges(
            title=document.get("title", UNSET),
            fields=tuple(document["shown"]) if "shown" in document else UNSET,
        )
        return service(Cards).update_card(card_id, changes, versions=wanted_versions())


blueprint.batch("/cards", collection=CardList, item=CardItem)


def _load(card_ids: Sequence[UUID]) -> Mapping[UUID, Document]:
    found = service(Cards).find_cards(tuple(card_ids))
    return {card.id: document_of(card, CardSchema()) for card in found}


#: The card that something belongs to.
CARD = Include(
    name="card", of="card_id", into="cards", schema=CardSchema, permission="qr.read", load=_load
)
