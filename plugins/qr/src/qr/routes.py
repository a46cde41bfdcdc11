"""The web API of the QR generator: parse, call the contract, serialise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.http import Blueprint, PageQuerySchema
from qr.contract import Card, CardPage, Cards, Code, ImageFormat
from qr.schemas import (
    CardDraftSchema,
    CardPageSchema,
    CardSchema,
    CodeDraftSchema,
    CodeSchema,
    RenderQuerySchema,
)

#: How many seconds a browser may show a drawn code without asking again: one day.
_MAX_AGE = 86_400
_NOT_MODIFIED = {304: {"description": "The caller has this drawing already (`If-None-Match`)"}}

blueprint = Blueprint("qr", description="Cards and the codes printed for them")


@blueprint.route("/cards")
class CardList(MethodView):
    """All cards of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, CardPageSchema)
    def get(self, query: dict[str, Any]) -> CardPage:
        """List cards in order of creation."""
        return service(Cards).list_cards(after=query.get("after"), limit=query["limit"])

    @blueprint.requires("write")
    @blueprint.arguments(CardDraftSchema)
    @blueprint.response(201, CardSchema)
    def post(self, document: dict[str, Any]) -> Card:
        """Make a card from a contact."""
        return service(Cards).create_card(document["contact_id"])


@blueprint.route("/cards/<uuid:card_id>")
class CardItem(MethodView):
    """One card."""

    @blueprint.requires("read")
    @blueprint.response(200, CardSchema)
    @blueprint.problem(404, "Card not found")
    def get(self, card_id: UUID) -> Card:
        """Return a card."""
        return service(Cards).get_card(card_id)


@blueprint.route("/codes")
class CodeList(MethodView):
    """Codes of cards."""

    @blueprint.requires("write")
    @blueprint.arguments(CodeDraftSchema)
    @blueprint.response(201, CodeSchema)
    @blueprint.problem(404, "Card not found")
    def post(self, document: dict[str, Any]) -> Code:
        """Make a static vCard code of a card."""
        return service(Cards).create_code(
            document["card_id"], error_correction=document["error_correction"]
        )


@blueprint.route("/codes/<uuid:code_id>")
class CodeItem(MethodView):
    """One code."""

    @blueprint.requires("read")
    @blueprint.response(200, CodeSchema)
    @blueprint.problem(404, "Code not found")
    def get(self, code_id: UUID) -> Code:
        """Return a code."""
        return service(Cards).get_code(code_id)


@blueprint.route("/codes/<uuid:code_id>/render.svg")
class CodeSvg(MethodView):
    """A code as SVG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.response(200, {"type": "string"}, content_type="image/svg+xml")
    @blueprint.doc(responses=_NOT_MODIFIED)
    @blueprint.problem(404, "Code not found")
    def get(self, query: dict[str, Any], code_id: UUID) -> Response:
        """Draw a code as SVG; it was read back before it is sent."""
        return _drawn(code_id, ImageFormat.SVG, query["scale"])


@blueprint.route("/codes/<uuid:code_id>/render.png")
class CodePng(MethodView):
    """A code as PNG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
    @blueprint.doc(responses=_NOT_MODIFIED)
    @blueprint.problem(404, "Code not found")
    def get(self, query: dict[str, Any], code_id: UUID) -> Response:
        """Draw a code as PNG; it was read back before it is sent."""
        return _drawn(code_id, ImageFormat.PNG, query["scale"])


def _drawn(code_id: UUID, image_format: ImageFormat, scale: int) -> Response:
    """Return a drawn code; what a code says and how it is drawn never changes."""
    image = service(Cards).render(code_id, image_format, scale=scale)
    response = Response(image.body, content_type=image.media_type)
    response.cache_control.private = True
    response.cache_control.max_age = _MAX_AGE
    response.add_etag()
    response.make_conditional(request)
    return response
