"""Codes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.contract import Document, DocumentPage, ListQuery
from meishi.sdk.http import MERGE_PATCH, document_response, page_response, wanted_versions
from qr.contract import (
    CardNotFound,
    CardSourceMissing,
    Code,
    CodeChanges,
    CodeIsStatic,
    CodeNotFound,
    Codes,
    CodeTooLarge,
    CodeUnreadable,
)
from qr.routes.blueprint import (
    API_ROOT,
    InvalidQrQuery,
    after_of,
    blueprint,
    conditions_of,
    uuid_or_none,
)
from qr.schemas import (
    CodeDraftSchema,
    CodePageSchema,
    CodePatchSchema,
    CodeQuerySchema,
    CodeSchema,
)


@blueprint.route("/codes")
class CodeList(MethodView):
    """Codes of cards."""

    @blueprint.requires("read")
    @blueprint.arguments(CodeQuerySchema, location="query")
    @blueprint.response(200, CodePageSchema)
    @blueprint.problems(InvalidQrQuery)
    def get(self, wanted: ListQuery) -> Response:
        """List codes in order of creation; deleted ones only if they are asked for."""
        conditions = conditions_of(wanted)
        found = service(Codes).list_codes(
            card_id=uuid_or_none(conditions.get("card_id")),
            deleted=conditions.get("deleted") == "true",
            after=after_of(wanted),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )
        page = DocumentPage(
            items=tuple(_document(code).body for code in found.items),
            position=None if found.next_after is None else (str(found.next_after),),
            total=found.total,
        )
        return page_response(page, wanted)

    @blueprint.requires("write")
    @blueprint.arguments(CodeDraftSchema)
    @blueprint.document(CodeSchema, status=201)
    @blueprint.problems(CardNotFound, CardSourceMissing, CodeTooLarge, CodeUnreadable)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a code of a card: a static vCard, or a dynamic one that leads to the card's page."""
        code = service(Codes).create_code(
            document["card_id"],
            kind=document["kind"],
            error_correction=document["error_correction"],
            label=document["label"],
        )
        location = f"{API_ROOT}/codes/{code.id}"
        return document_response(_document(code), status=201, location=location)


@blueprint.route("/codes/<uuid:code_id>")
class CodeItem(MethodView):
    """One code."""

    @blueprint.requires("read")
    @blueprint.document(CodeSchema)
    @blueprint.problem(CodeNotFound)
    def get(self, code_id: UUID) -> Response:
        """Return a code."""
        return document_response(_document(service(Codes).get_code(code_id)))

    @blueprint.requires("write")
    @blueprint.arguments(CodePatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(CodeSchema)
    @blueprint.preconditions()
    @blueprint.problems(CodeNotFound, CardNotFound, CodeIsStatic)
    def patch(self, document: dict[str, Any], code_id: UUID) -> Response:
        """Change a code's label, or where a dynamic code leads; what is printed stays as it is."""
        versions = wanted_versions()
        changed = service(Codes).update_code(code_id, CodeChanges(**document), versions=versions)
        return document_response(_document(changed))

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(CodeNotFound)
    def delete(self, code_id: UUID) -> None:
        """Take a code out of use; who scans it is told so, until it is restored."""
        service(Codes).delete_code(code_id, versions=wanted_versions())


@blueprint.route("/codes/<uuid:code_id>/restore")
class CodeRestoration(MethodView):
    """A deleted code on its way back."""

    @blueprint.requires("write")
    @blueprint.document(CodeSchema)
    @blueprint.problem(CodeNotFound)
    def post(self, code_id: UUID) -> Response:
        """Bring a deleted code back as it was printed."""
        return document_response(_document(service(Codes).restore_code(code_id)))


def _document(code: Code) -> Document:
    return Document(version=code.version, body=CodeSchema().dumps(code).encode())
