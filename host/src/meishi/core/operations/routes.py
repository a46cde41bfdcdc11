"""Operations over HTTP: how far long work has come, and stopping it."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.core.operations.contract import (
    OperationEnded,
    OperationNotFound,
    Operations,
    OperationState,
)
from meishi.core.operations.schemas import OperationPageSchema, OperationQuerySchema
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage, ListQuery
from meishi.sdk.http import (
    Blueprint,
    OperationSchema,
    operation_document,
    operation_response,
    page_response,
)

blueprint = Blueprint("operations", description="Work that goes on after its request was answered")


@blueprint.route("")
class OperationList(MethodView):
    """The operations of the workspace."""

    @blueprint.requires("read")
    @blueprint.waits()
    @blueprint.arguments(OperationQuerySchema, location="query")
    @blueprint.page(OperationPageSchema)
    def get(self, wanted: ListQuery) -> Response:
        """List operations, newest first."""
        asked = {item.field: item.value for item in wanted.conditions}
        page = service(Operations).list(
            kind=asked.get("kind"),
            state=OperationState(asked["state"]) if "state" in asked else None,
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )
        documents = DocumentPage(
            items=tuple(operation_document(item).body for item in page.items),
            position=None if page.next_after is None else (str(page.next_after),),
            total=page.total,
        )
        return page_response(documents, wanted, incomplete=page.missing)


@blueprint.route("/<uuid:operation_id>")
class OperationItem(MethodView):
    """One operation."""

    @blueprint.requires("read")
    @blueprint.waits()
    @blueprint.document(OperationSchema)
    @blueprint.problem(OperationNotFound)
    def get(self, operation_id: UUID) -> Response:
        """Return an operation; ask again after `Retry-After` seconds until its state is final."""
        return operation_response(service(Operations).find(operation_id))


@blueprint.route("/<uuid:operation_id>/cancel")
class OperationCancellation(MethodView):
    """Stopping long work."""

    @blueprint.requires("cancel")
    @blueprint.document(OperationSchema)
    @blueprint.problem(OperationNotFound)
    @blueprint.problem(OperationEnded)
    def post(self, operation_id: UUID) -> Response:
        """Cancel an operation: at once while it waits, between two steps of its work otherwise.

        What was done until then stays.
        """
        return operation_response(service(Operations).cancel(operation_id))
