"""Imports over HTTP: who reads what, files on their way in, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from meishi.core.operations.contract import OperationNotFound
from meishi.imports.importers import UNKNOWN_TYPE, offered_importers
from meishi.imports.records import (
    EmptyFile,
    FileImport,
    FileImportNotFound,
    FileTooLarge,
    ImportBegun,
    ImporterNotFound,
    ImporterUnknown,
    ImportList,
    ImportUnderWay,
    RejectList,
)
from meishi.imports.schemas import (
    FileImportPageSchema,
    FileImportRunSchema,
    FileImportSchema,
    FileUploadQuerySchema,
    ImporterListSchema,
    RejectedItemPageSchema,
    RejectedItemQuerySchema,
)
from meishi.imports.starting import (
    delete_import,
    get_import,
    list_imports,
    list_rejects,
    start_preview,
    start_run,
)
from meishi.imports.uploading import upload
from meishi.refusals import PluginDisabled
from meishi.sdk.http import Blueprint, PageQuerySchema, accepted, stream_of_type

blueprint = Blueprint("imports", description="Files from which modules take what they can read")

_EXAMPLE = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Lindqvist\r\nEND:VCARD\r\n"


@blueprint.route("/importers")
class Importers(MethodView):
    """The importers."""

    @blueprint.requires("use")
    @blueprint.response(200, ImporterListSchema)
    def get(self) -> dict[str, Any]:
        """List the formats that you may import."""
        return {"items": offered_importers()}


@blueprint.route("")
class FileImports(MethodView):
    """Files on their way in."""

    @blueprint.requires("use")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, FileImportPageSchema)
    def get(self, query: dict[str, Any]) -> ImportList:
        """List imports whose importers you may use, newest first."""
        return list_imports(after=query.get("after"), limit=query["limit"])

    @blueprint.requires("use")
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {
                UNKNOWN_TYPE: {
                    "schema": {"type": "string", "format": "binary"},
                    "example": _EXAMPLE,
                }
            },
        }
    )
    @blueprint.arguments(FileUploadQuerySchema, location="query")
    @blueprint.response(201, FileImportSchema)
    @blueprint.problems(ImporterNotFound, PluginDisabled)
    @blueprint.problem(FileTooLarge)
    @blueprint.problem(EmptyFile)
    def post(self, query: dict[str, Any]) -> tuple[FileImport, int, dict[str, str]]:
        """Upload a file under its media type; `preview` looks into it, `run` takes it in.

        It is kept until its import is complete, for two weeks at most.
        """
        media_type = request.mimetype or UNKNOWN_TYPE
        import_id = upload(
            stream_of_type(request.mimetype),
            importer=query["importer"],
            name=query["name"],
            media_type=media_type,
        )
        return get_import(import_id), 201, {"Location": f"{request.path}/{import_id}"}


@blueprint.route("/<uuid:file_import_id>")
class FileImportItem(MethodView):
    """One file."""

    @blueprint.requires("use")
    @blueprint.response(200, FileImportSchema)
    @blueprint.problems(FileImportNotFound, ImporterNotFound, PluginDisabled)
    def get(self, file_import_id: UUID) -> FileImport:
        """Return an import."""
        return get_import(file_import_id)

    @blueprint.requires("use")
    @blueprint.response(204)
    @blueprint.unconditional("An import is stopped however far it has come meanwhile.")
    @blueprint.problems(FileImportNotFound, ImporterNotFound, PluginDisabled)
    def delete(self, file_import_id: UUID) -> None:
        """Cancel an import and forget it with its file; what came in stays."""
        delete_import(file_import_id)


@blueprint.route("/<uuid:file_import_id>/preview")
class FileImportPreview(MethodView):
    """Looking into a file."""

    @blueprint.requires("use")
    @blueprint.accepted()
    @blueprint.problems(FileImportNotFound, ImporterNotFound, OperationNotFound, PluginDisabled)
    @blueprint.problems(ImportBegun, ImportUnderWay)
    def post(self, file_import_id: UUID) -> Response:
        """Have the importer look into a file; then the import has a `preview`.

        Where it is not known who reads the file, that is found out first: the `result` of the
        operation names the one that makes the preview.
        """
        return accepted(start_preview(file_import_id))


@blueprint.route("/<uuid:file_import_id>/run")
class FileImportRun(MethodView):
    """The work of an import."""

    @blueprint.requires("use")
    @blueprint.arguments(FileImportRunSchema)
    @blueprint.accepted()
    @blueprint.problems(FileImportNotFound, ImporterNotFound, OperationNotFound, PluginDisabled)
    @blueprint.problems(ImportBegun, ImportUnderWay, ImporterUnknown)
    def post(self, wanted: dict[str, Any], file_import_id: UUID) -> Response:
        """Take in what a file holds; the operation shows how far it is, and can be cancelled.

        While that is under way, its operation is returned. After a failure or a cancellation, a new
        one goes on where the last one stopped; after a dry run it begins anew.
        """
        return accepted(
            start_run(file_import_id, mapping=wanted["mapping"], dry_run=wanted["dry_run"])
        )


@blueprint.route("/<uuid:file_import_id>/rejects")
class FileImportRejects(MethodView):
    """What was not taken of a file."""

    @blueprint.requires("use")
    @blueprint.arguments(RejectedItemQuerySchema, location="query")
    @blueprint.response(200, RejectedItemPageSchema)
    @blueprint.problems(FileImportNotFound, ImporterNotFound, PluginDisabled)
    def get(self, query: dict[str, Any], file_import_id: UUID) -> RejectList:
        """List what was rejected, and why."""
        return list_rejects(file_import_id, after=query["after"], limit=query["limit"])
