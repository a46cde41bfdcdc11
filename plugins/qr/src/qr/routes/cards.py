"""Cards over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from msgspec import UNSET

from meishi.sdk.context import service
from meishi.sdk.contract import Document, DocumentPage, ListQuery
from meishi.sdk.http import MERGE_PATCH, document_response, page_response, wanted_versions
from qr.contract import Card, CardChanges, CardNotFound, Cards, CardSourceMissing
from qr.routes.blueprint import (
    API_ROOT,
    InvalidQrQuery,
    after_of,
    blueprint,
    conditions_of,
    uuid_or_none,
)
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
    @blueprint.response(200, CardPageSchema)
    @blueprint.problems(InvalidQrQuery)
    def get(self, wanted: ListQuery) -> Response:
        """List cards in order of creation."""
        found = service(Cards).list_cards(
            contact_id=uuid_or_none(conditions_of(wanted).get("contact_id")),
            after=after_of(wanted),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )
        page = DocumentPage(
            items=tuple(_document(card).body for card in found.items),
            position=None if found.next_after is None else (str(found.next_after),),
            total=found.total,
        )
        return page_response(page, wanted)

    @blueprint.requires("write")
    @blueprint.arguments(CardDraftSchema)
    @blueprint.document(CardSchema, status=201)
    @blueprint.problems(CardSourceMissing)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a card from a contact."""
        card = service(Cards).create_card(document["contact_id"], fields=tuple(document["shown"]))
        location = f"{API_ROOT}/cards/{card.id}"
        return document_response(_document(card), status=201, location=location)


@blueprint.route("/cards/<uuid:card_id>")
class CardItem(MethodView):
    """One card."""

    @blueprint.requires("read")
    @blueprint.document(CardSchema)
    @blueprint.problem(CardNotFound)
    def get(self, card_id: UUID) -> Response:
        """Return a card."""
        return document_response(_document(service(Cards).get_card(card_id)))

    @blueprint.requires("write")
    @blueprint.arguments(CardPatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(CardSchema)
    @blueprint.preconditions()
    @blueprint.problem(CardNotFound)
    def patch(self, document: dict[str, Any], card_id: UUID) -> Response:
        """Change what a card is called and shows."""
        changes = CardChanges(
            title=document.get("title", UNSET),
            fields=tuple(document["shown"]) if "shown" in document else UNSET,
        )
        versions = wanted_versions()
        card = service(Cards).update_card(card_id, changes, versions=versions)
        return document_response(_document(card))


def _document(card: Card) -> Document:
    return Document(version=card.version, body=CardSchema().dumps(card).encode())
