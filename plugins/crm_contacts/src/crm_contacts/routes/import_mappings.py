"""Mappings and dry runs of imports over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import (
    ContactImport,
    DryRun,
    DryRunNotFound,
    DryRuns,
    EmptyAddressBook,
    ImportColumns,
    ImportMapping,
    ImportMappingNeeded,
    ImportMappings,
    ImportNotFound,
    Imports,
    ImportStarted,
    InvalidImportMapping,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.import_mappings import (
    ContactPreviewQuerySchema,
    ContactPreviewSchema,
    ImportColumnsSchema,
    ImportDialectSchema,
    ImportMappingSchema,
)
from crm_contacts.schemas.imports import ContactImportSchema, DryRunSchema
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import accepted

_WAITING = "What is chosen holds until the run, and then for good."
_NO_COLUMNS = "Cards have no columns: they say by themselves what they are."


@blueprint.route("/imports/<uuid:import_id>/columns")
class ContactImportColumns(MethodView):
    """The columns of a table."""

    @blueprint.requires("read")
    @blueprint.response(200, ImportColumnsSchema)
    @blueprint.problems(ImportNotFound, InvalidImportMapping)
    def get(self, import_id: UUID) -> ImportColumns:
        """Return the columns of a table, with samples and what is proposed; 422 for cards."""
        return _columns(import_id)


@blueprint.route("/imports/<uuid:import_id>/mapping")
class ContactImportMapping(MethodView):
    """What becomes of the columns of a table."""

    @blueprint.requires("write")
    @blueprint.arguments(ImportMappingSchema)
    @blueprint.response(200, ImportColumnsSchema)
    @blueprint.unconditional(_WAITING)
    @blueprint.problems(ImportNotFound, ImportStarted, InvalidImportMapping)
    def put(self, mapping: ImportMapping, import_id: UUID) -> ImportColumns:
        """Choose what becomes of the columns, before the run; a dry run has to be done again."""
        service(ImportMappings).set(import_id, mapping)
        return _columns(import_id)

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.unconditional(_WAITING)
    @blueprint.problems(ImportNotFound, ImportStarted, InvalidImportMapping)
    def delete(self, import_id: UUID) -> None:
        """Leave it to the table's own headings again."""
        service(ImportMappings).set(import_id, None)


@blueprint.route("/imports/<uuid:import_id>/preview")
class ContactImportPreview(MethodView):
    """The first contacts of an import."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactPreviewQuerySchema, location="query")
    @blueprint.response(200, ContactPreviewSchema)
    @blueprint.problem(ImportNotFound)
    def get(self, query: dict[str, Any], import_id: UUID) -> dict[str, Any]:
        """Return the first cards or rows as they would come in; none once all came in."""
        return {"items": service(ImportMappings).preview(import_id, limit=query["rows"])}


@blueprint.route("/imports/<uuid:import_id>/dialect")
class ContactImportDialect(MethodView):
    """How a table is written."""

    @blueprint.requires("write")
    @blueprint.arguments(ImportDialectSchema)
    @blueprint.response(200, ContactImportSchema)
    @blueprint.unconditional(_WAITING)
    @blueprint.problem(EmptyAddressBook, "So read there is no header")
    @blueprint.problems(ImportNotFound, ImportStarted, InvalidImportMapping)
    def put(self, document: dict[str, Any], import_id: UUID) -> ContactImport:
        """Say how a table is written, before the run; what was mapped of it is forgotten."""
        service(ImportMappings).read_as(import_id, **document)
        return service(Imports).get(import_id)


@blueprint.route("/imports/<uuid:import_id>/dry-run")
class ContactImportDryRun(MethodView):
    """What an import would do."""

    @blueprint.requires("read")
    @blueprint.response(200, DryRunSchema)
    @blueprint.problems(DryRunNotFound, ImportNotFound)
    def get(self, import_id: UUID) -> DryRun:
        """Return the last dry run: what there would be, and the first reasons of rejects."""
        return service(DryRuns).get(import_id)

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(ImportMappingNeeded, ImportNotFound, ImportStarted, OperationNotFound)
    def post(self, import_id: UUID) -> Response:
        """Have a dry run done from the beginning; no contact is written.

        While one is under way, that one is returned.
        """
        return accepted(service(Operations).get(service(DryRuns).start(import_id)))


def _columns(import_id: UUID) -> ImportColumns:
    found = service(ImportMappings).columns(import_id)
    if found is None:
        raise InvalidImportMapping(_NO_COLUMNS)
    return found
