"""Merging contacts over HTTP, and taking that back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    ContactDocuments,
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    FieldChoice,
    InvalidContact,
    MergedFurther,
    MergePreview,
    Merges,
    NotMerged,
    SharingRefused,
    UnmergeReport,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.contacts import ContactSchema
from crm_contacts.schemas.merges import (
    ContactMergeSchema,
    MergePreviewSchema,
    UnmergeReportSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Document, VersionMismatch
from meishi.sdk.http import asked_versions

LEADS_ELSEWHERE = {
    301: {"description": "It was merged: `Location` is the contact that took it"},
}


def elsewhere(contact_id: UUID) -> Response:
    """Lead to the contact that one was merged into; raise `ContactNotFound` if there is none.

    Nobody may remember the way for good, as a merge can be taken back.
    """
    found = service(Merges).merged_into(contact_id)
    if found is None:
        raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    path = request.path.replace(str(contact_id), str(found), 1)
    return Response(status=301, headers={"Location": f"{path}{query}", "Cache-Control": "no-cache"})


@blueprint.route("/<uuid:contact_id>/merge")
class ContactMerging(MethodView):
    """Contacts that turn out to be one."""

    @blueprint.requires("write")
    @blueprint.arguments(ContactMergeSchema)
    @blueprint.document(ContactSchema)
    @blueprint.preconditions(required=False)
    @blueprint.problems(ContactNotFound, ContactUidTaken, InvalidContact, VersionMismatch)
    @blueprint.problems(ContactReadOnly, SharingRefused)
    def post(self, document: dict[str, Any], contact_id: UUID) -> Document:
        """Merge others into a contact: it takes what they add, and they are deleted."""
        service(Merges).merge(
            contact_id,
            tuple(document["merged_ids"]),
            choices=_choices(document),
            versions=asked_versions(),
        )
        return service(ContactDocuments).get(contact_id)


@blueprint.route("/<uuid:contact_id>/merge/preview")
class ContactMergePreview(MethodView):
    """What a merge would come to."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactMergeSchema)
    @blueprint.response(200, MergePreviewSchema)
    @blueprint.problems(ContactNotFound, InvalidContact)
    def post(self, document: dict[str, Any], contact_id: UUID) -> MergePreview:
        """Show what a merge would come to, and where the contacts disagree; nothing is changed."""
        return service(Merges).preview(
            contact_id, tuple(document["merged_ids"]), choices=_choices(document)
        )


@blueprint.route("/<uuid:contact_id>/unmerge")
class ContactUnmerging(MethodView):
    """Contacts that turn out not to be one after all."""

    @blueprint.requires("write")
    @blueprint.response(200, UnmergeReportSchema)
    @blueprint.problems(
        ContactNotFound, ContactUidTaken, InvalidContact, MergedFurther, NotMerged, VersionMismatch
    )
    @blueprint.problem(ContactReadOnly)
    def post(self, contact_id: UUID) -> UnmergeReport:
        """Bring a merged contact back, and take from the other one what it had added.

        What somebody has changed since stays there, and is in the report.
        """
        return service(Merges).unmerge(contact_id)


def _choices(document: dict[str, Any]) -> tuple[FieldChoice, ...]:
    return tuple(
        FieldChoice(field=name, contact_id=found) for name, found in document["fields_from"].items()
    )
