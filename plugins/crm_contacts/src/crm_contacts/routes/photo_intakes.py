"""Photos in the cards of imports over HTTP."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import ImportNotFound, ImportUndone, PhotoIntake, PhotoIntakes
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.photo_intakes import PhotoIntakeSchema
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import accepted


@blueprint.route("/imports/<uuid:import_id>/photos")
class ContactImportPhotos(MethodView):
    """The photos in the cards of an import."""

    @blueprint.requires("read")
    @blueprint.response(200, PhotoIntakeSchema)
    @blueprint.problem(ImportNotFound)
    def get(self, import_id: UUID) -> PhotoIntake:
        """Return how many of them are photos of contacts by now, and what became of the others."""
        return service(PhotoIntakes).get(import_id)

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(ImportNotFound, ImportUndone, OperationNotFound)
    def post(self, import_id: UUID) -> Response:
        """Have those taken that wait, as an import does at its end.

        While an operation is under way, that one is returned. After a failure or a cancellation, a
        new one goes on where the last one stopped; so it does for an import that was stopped.
        """
        return accepted(service(Operations).get(service(PhotoIntakes).start(import_id)))
