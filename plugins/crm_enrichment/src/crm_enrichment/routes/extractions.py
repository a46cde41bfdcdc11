"""Reading texts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_enrichment.contract import (
    Extraction,
    ExtractionNotFound,
    Extractions,
    ModelMissing,
    UnknownContact,
)
from crm_enrichment.routes.blueprint import blueprint
from crm_enrichment.schemas import ExtractionDraftSchema, ExtractionSchema
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import accepted


@blueprint.route("/extractions")
class ExtractionList(MethodView):
    """Texts that are read."""

    @blueprint.requires("write")
    @blueprint.arguments(ExtractionDraftSchema)
    @blueprint.response(201, ExtractionSchema)
    @blueprint.problem(UnknownContact)
    def post(self, document: dict[str, Any]) -> tuple[Extraction, int, dict[str, str]]:
        """Read a signature, a card or a note by rules; for a contact, propose what it says.

        Nothing leaves the machine. The text is kept for a day, so that it can be read again.
        """
        made = service(Extractions).create(document["text"], contact_id=document["contact_id"])
        return made, 201, {"Location": f"{request.path}/{made.id}"}


@blueprint.route("/extractions/<uuid:extraction_id>")
class ExtractionItem(MethodView):
    """One text that was read."""

    @blueprint.requires("read")
    @blueprint.response(200, ExtractionSchema)
    @blueprint.problem(ExtractionNotFound)
    def get(self, extraction_id: UUID) -> Extraction:
        """Return what was read of a text."""
        return service(Extractions).get(extraction_id)


@blueprint.route("/extractions/<uuid:extraction_id>/run")
class ExtractionRun(MethodView):
    """Reading a text again."""

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(ExtractionNotFound, ModelMissing, OperationNotFound)
    def post(self, extraction_id: UUID) -> Response:
        """Have the language model read a text; the extraction shows what came of it.

        A model only quotes: what does not stand in the text word for word is dropped.
        """
        return accepted(service(Operations).get(service(Extractions).start(extraction_id)))
