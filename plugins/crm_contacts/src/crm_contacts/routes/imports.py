"""Imports of address books over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

from flask import Response, abort, request
from flask.views import MethodView

from crm_contacts.contract import (
    CHARSETS,
    PIECE_BYTES,
    CardStatus,
    ContactImport,
    EmptyAddressBook,
    ImportFormat,
    ImportMappingNeeded,
    ImportNotFound,
    ImportPage,
    ImportRowPage,
    Imports,
    ImportUndone,
    InvalidImportMapping,
)
from crm_contacts.routes import card_examples
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.imports import (
    DUPLICATE,
    ContactImportSchema,
    ImportPageSchema,
    ImportRowPageSchema,
    ImportRowQuerySchema,
    ImportUploadSchema,
)
from crm_contacts.sources import JSON_FORMATS
from crm_contacts.tables.charsets import charset_named
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import PageQuerySchema, accepted, file_response, stream_of_type

#: Formats by the media types under which browsers and programs send them, ours first.
FORMATS = {
    "text/vcard": ImportFormat.VCARD,
    "text/x-vcard": ImportFormat.VCARD,
    "text/directory": ImportFormat.VCARD,
    "application/vcard+json": ImportFormat.JCARD,
    "application/jscontact+json": ImportFormat.JSCONTACT,
    "application/json": ImportFormat.JSCONTACT,
    "application/x-ndjson": ImportFormat.NDJSON,
    "text/csv": ImportFormat.CSV,
    "application/csv": ImportFormat.CSV,
    "application/vnd.ms-excel": ImportFormat.CSV,
}
_TABLE_EXAMPLE = "First Name,Last Name,E-mail 1 - Value\r\nAnna,Lindqvist,anna@example.com\r\n"
_EXAMPLES: dict[ImportFormat, Any] = {
    ImportFormat.VCARD: card_examples.VCARD,
    ImportFormat.JCARD: [card_examples.JCARD],
    ImportFormat.JSCONTACT: [card_examples.JSCONTACT],
    ImportFormat.NDJSON: card_examples.DOCUMENT,
    ImportFormat.CSV: _TABLE_EXAMPLE,
}
_ROWS_EXAMPLE = {
    "items": [
        {
            "index": 0,
            "line": 2,
            "status": CardStatus.CREATED.value,
            "name": "Anna Lindqvist",
            "contact_id": "01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
        },
        {"index": 1, "line": 3, "status": CardStatus.REJECTED.value, "reason": "There is no name."},
    ],
    "next_after": None,
}
_REJECTS = {
    ImportFormat.VCARD: ("text/vcard", "vcf"),
    ImportFormat.JCARD: ("application/vcard+json", "json"),
    ImportFormat.JSCONTACT: ("application/jscontact+json", "json"),
    ImportFormat.NDJSON: ("application/json", "json"),
    ImportFormat.CSV: ("text/csv", "csv"),
}


def _body_schema(media_type: str) -> dict[str, Any]:
    """Return what a body is: a text, or JSON, of which one card is an object or a list."""
    return {} if media_type.endswith("json") else {"type": "string"}


_REJECT_TYPES = {
    media_type: {"schema": _body_schema(media_type), "example": _EXAMPLES[file_format]}
    for file_format, (media_type, _) in _REJECTS.items()
    if file_format is not ImportFormat.VCARD
}


@blueprint.route("/imports")
class ContactImportList(MethodView):
    """Imports of address books."""

    @blueprint.requires("read")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, ImportPageSchema)
    def get(self, query: dict[str, Any]) -> ImportPage:
        """List imports, newest first."""
        return service(Imports).list(after=query.get("after"), limit=query["limit"])

    @blueprint.requires("write")
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {
                name: {"schema": _body_schema(name), "example": _EXAMPLES[file_format]}
                for name, file_format in FORMATS.items()
            },
        }
    )
    @blueprint.arguments(ImportUploadSchema, location="query")
    @blueprint.response(201, ContactImportSchema)
    @blueprint.problem(EmptyAddressBook, "No card or row in the address book")
    @blueprint.problem(InvalidImportMapping, "A charset that nobody reads")
    @blueprint.problem(ImportNotFound, "Deleted meanwhile")
    def post(self, query: dict[str, Any]) -> tuple[ContactImport, int, dict[str, str]]:
        """Upload an address book: vCards, JSON or a table; `run` imports it."""
        body = stream_of_type(*FORMATS)
        found = _uploaded(body, query["name"], FORMATS[request.mimetype], _declared_charset())
        return found, 201, {"Location": f"{request.path}/{found.id}"}


@blueprint.route("/imports/<uuid:import_id>")
class ContactImportItem(MethodView):
    """One import."""

    @blueprint.requires("read")
    @blueprint.response(200, ContactImportSchema)
    @blueprint.problem(ImportNotFound)
    def get(self, import_id: UUID) -> ContactImport:
        """Return an import."""
        return service(Imports).get(import_id)

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.unconditional("An import is stopped however far it has come meanwhile.")
    @blueprint.problem(ImportNotFound)
    def delete(self, import_id: UUID) -> None:
        """Cancel an import and forget it; the contacts that came with it stay."""
        service(Imports).delete(import_id)


@blueprint.route("/imports/<uuid:import_id>/run")
class ContactImportRun(MethodView):
    """The work of an import."""

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(ImportMappingNeeded, ImportNotFound, ImportUndone, OperationNotFound)
    def post(self, import_id: UUID) -> Response:
        """Have an import done; the operation shows how far it is, and can be cancelled.

        While one is under way, that one is returned. After a failure or a cancellation, a new one
        goes on where the last one stopped.
        """
        return accepted(service(Operations).get(service(Imports).start(import_id)))


@blueprint.route("/imports/<uuid:import_id>/rows")
class ContactImportRows(MethodView):
    """What became of the cards or rows of an import."""

    @blueprint.requires("read")
    @blueprint.arguments(ImportRowQuerySchema, location="query")
    @blueprint.response(200, ImportRowPageSchema, example=_ROWS_EXAMPLE)
    @blueprint.problem(ImportNotFound)
    def get(self, query: dict[str, Any], import_id: UUID) -> ImportRowPage:
        """List rows, in the order of the file."""
        return service(Imports).rows(
            import_id,
            statuses=_statuses(query["status"]),
            after=query["after"],
            limit=query["limit"],
        )


@blueprint.route("/imports/<uuid:import_id>/rejects")
class ContactImportRejects(MethodView):
    """The rejected cards or rows of an import."""

    @blueprint.requires("read")
    @blueprint.file(
        "text/vcard", description="Cards of the same kind, or a table with its own header"
    )
    @blueprint.doc(responses={200: {"content": _REJECT_TYPES}})
    @blueprint.problem(ImportNotFound)
    def get(self, import_id: UUID) -> Response:
        """Return what was rejected as it was, octet for octet, ready to be mended."""
        media_type, suffix = _REJECTS[service(Imports).get(import_id).format]
        return file_response(_rejects(import_id), media_type, f"rejects.{suffix}")


def _declared_charset() -> str | None:
    """Return the charset of the body, if its type has one; JSON is UTF-8 whatever it says."""
    name = request.mimetype_params.get("charset")
    if not name or FORMATS[request.mimetype] in JSON_FORMATS:
        return None
    found = charset_named(name)
    if found is None:
        abort(415, description=f"Send one of these charsets: {', '.join(CHARSETS)}.")
    return found


def _uploaded(
    body: BinaryIO, name: str | None, file_format: ImportFormat, charset: str | None
) -> ContactImport:
    """Store a body piece by piece; one that breaks off leaves nothing, wherever it is stored."""
    imports = service(Imports)
    import_id = imports.begin(name)
    try:
        for number, piece in enumerate(iter(partial(body.read, PIECE_BYTES), b"")):
            imports.add_piece(import_id, number, piece)
        return imports.finish(import_id, file_format, charset=charset)
    except Exception:
        with suppress(ImportNotFound):
            imports.delete(import_id)
        raise


def _rejects(import_id: UUID) -> Iterator[bytes]:
    page = service(Imports).rejects(import_id)
    while page.next_after is not None:
        yield page.content
        page = service(Imports).rejects(import_id, after=page.next_after)
    yield page.content


def _statuses(asked: str | None) -> tuple[CardStatus, ...]:
    if asked == DUPLICATE:
        return (CardStatus.UPDATED, CardStatus.UNCHANGED)
    return (CardStatus(asked),) if asked else ()
