"""Codes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.contract import ChangeQuery, ListQuery
from meishi.sdk.http import MERGE_PATCH, wanted_versions
from qr.contract import (
    CardNotFound,
    CardSourceMissing,
    ChangedCodes,
    Code,
    CodeChanges,
    CodeIsStatic,
    CodeNotFound,
    CodePage,
    Codes,
    CodeTooLarge,
    CodeUnreadable,
)
from qr.routes.blueprint import after_of, blueprint, conditions_of, uuid_or_none
from qr.routes.cards import CARD
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
    @blueprint.page(CodePageSchema, includes=[CARD])
    def get(self, wanted: ListQuery) -> CodePage:
        """List codes in order of creation; deleted ones only if they are asked for."""
        conditions = conditions_of(wanted)
        return service(Codes).list_codes(
            card_id=uuid_or_none(conditions.get("card_id")),
            deleted=conditions.get("deleted") == "true",
            after=after_of(wanted),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(CodeDraftSchema)
    @blueprint.document(CodeSchema, status=201)
    @blueprint.problems(CardNotFound, CardSourceMissing, CodeTooLarge, CodeUnreadable)
    def post(self, document: dict[str, Any]) -> Code:
        """Make a code of a card: a static vCard, or a dynamic one that leads to the card's page."""
        return service(Codes).create_code(
            document["card_id"],
            kind=document["kind"],
            error_correction=document["error_correction"],
            label=document["label"],
        )


@blueprint.route("/codes/changes")
class CodeFeed(MethodView):
    """What has changed among the codes of the workspace."""

    @blueprint.requires("read")
    @blueprint.changes(CodeSchema)
    def get(self, wanted: ChangeQuery) -> ChangedCodes:
        """Tell what has changed: codes as they are now, and which are deleted."""
        return service(Codes).code_changes(wanted)


@blueprint.route("/codes/<uuid:code_id>")
class CodeItem(MethodView):
    """One code."""

    @blueprint.requires("read")
    @blueprint.document(CodeSchema, includes=[CARD])
    @blueprint.problem(CodeNotFound)
    def get(self, code_id: UUID) -> Code:
        """Return a code."""
        return service(Codes).get_code(code_id)

    @blueprint.requires("write")
    @blueprint.arguments(CodePatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(CodeSchema)
    @blueprint.preconditions()
    @blueprint.problems(CodeNotFound, CardNotFound, CodeIsStatic)
    def patch(self, document: dict[str, Any], code_id: UUID) -> Code:
        """Change a code's label, or where a dynamic code leads; what is printed stays as it is."""
        changes = CodeChanges(**document)
        return service(Codes).update_code(code_id, changes, versions=wanted_versions())

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(CodeNotFound)
    def delete(self, code_id: UUID) -> None:
        """Take a code out of use; who scans it is told so, until it is restored."""
        service(Codes).delete_code(code_id, versions=wanted_versions())


blueprint.batch("/codes", collection=CodeList, item=CodeItem)


@blueprint.route("/codes/<uuid:code_id>/restore")
class CodeRestoration(MethodView):
    """A deleted code on its way back."""

    @blueprint.requires("write")
    @blueprint.document(CodeSchema)
    @blueprint.problem(CodeNotFound)
    def post(self, code_id: UUID) -> Code:
        """Bring a deleted code back as it was printed."""
        return service(Codes).restore_code(code_id)
