"""Undos of imports over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import (
    ImportNotFound,
    ImportUndo,
    ImportUndoNotFound,
    ImportUndoRefused,
    ImportUndos,
    KeptPage,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.import_undos import ImportUndoSchema, KeptPageSchema
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import PageQuerySchema, accepted


@blueprint.route("/imports/<uuid:import_id>/undo")
class ContactImportUndo(MethodView):
    """The undo of an import."""

    @blueprint.requires("read")
    @blueprint.response(200, ImportUndoSchema)
    @blueprint.problems(ImportNotFound, ImportUndoNotFound)
    def get(self, import_id: UUID) -> ImportUndo:
        """Return how far the undo has come, and what it did."""
        return service(ImportUndos).get(import_id)

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(ImportNotFound, ImportUndoRefused, OperationNotFound)
    def post(self, import_id: UUID) -> Response:
        """Have an import undone; what people did since stays.

        While one is under way, that is returned; one that was cancelled goes on.
        """
        return accepted(service(Operations).get(service(ImportUndos).start(import_id)))


@blueprint.route("/imports/<uuid:import_id>/undo/kept")
class ContactImportKept(MethodView):
    """What stays of an import."""

    @blueprint.requires("read")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, KeptPageSchema)
    @blueprint.problems(ImportNotFound, ImportUndoNotFound)
    def get(self, query: dict[str, Any], import_id: UUID) -> KeptPage:
        """List contacts of which something stays, with the fields and the reason."""
        return service(ImportUndos).kept(import_id, after=query.get("after"), limit=query["limit"])
