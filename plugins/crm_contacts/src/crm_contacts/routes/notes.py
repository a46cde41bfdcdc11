"""Notes on contacts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    ContactNotFound,
    ContactReadOnly,
    InvalidNote,
    Note,
    NoteNotFound,
    NotePage,
    Notes,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.notes import (
    NoteDraftSchema,
    NotePageSchema,
    NotePatchSchema,
    NoteQuerySchema,
    NoteSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import MERGE_PATCH, document_of, document_response, wanted_versions


@blueprint.route("/<uuid:subject_id>/notes")
class NoteList(MethodView):
    """The notes on a contact."""

    @blueprint.requires("read")
    @blueprint.arguments(NoteQuerySchema, location="query")
    @blueprint.page(NotePageSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, wanted: ListQuery, subject_id: UUID) -> NotePage:
        """List the notes on a contact, newest first."""
        return service(Notes).list(
            subject_id,
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(NoteDraftSchema)
    @blueprint.document(NoteSchema, status=201)
    @blueprint.problems(ContactNotFound, InvalidNote)
    @blueprint.problem(ContactReadOnly)
    def post(self, document: dict[str, Any], subject_id: UUID) -> Response:
        """Write a note on a contact."""
        found = service(Notes).create(subject_id, document["text"])
        collection = request.path.removesuffix(f"/{subject_id}/notes")
        return document_response(
            document_of(found, NoteSchema()),
            status=201,
            location=f"{collection}/notes/{found.id}",
            resource=NoteSchema,
        )


@blueprint.route("/notes/<uuid:note_id>")
class NoteItem(MethodView):
    """One note."""

    @blueprint.requires("read")
    @blueprint.document(NoteSchema)
    @blueprint.problem(NoteNotFound)
    def get(self, note_id: UUID) -> Note:
        """Return a note."""
        return service(Notes).get(note_id)

    @blueprint.requires("write")
    @blueprint.arguments(NotePatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(NoteSchema)
    @blueprint.preconditions()
    @blueprint.problems(InvalidNote, NoteNotFound)
    @blueprint.problem(ContactReadOnly)
    def patch(self, document: dict[str, Any], note_id: UUID) -> Note:
        """Change the text of a note."""
        text = document.get("text", service(Notes).get(note_id).text)
        return service(Notes).edit(note_id, text, versions=wanted_versions())

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(NoteNotFound)
    @blueprint.problem(ContactReadOnly)
    def delete(self, note_id: UUID) -> None:
        """Delete a note."""
        service(Notes).delete(note_id, versions=wanted_versions())
