"""Duplicates over HTTP: what may be one, and what people decide about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import (
    ContactNotFound,
    Contacts,
    DuplicateMerged,
    DuplicateNotFound,
    DuplicatePair,
    Duplicates,
    InvalidContactQuery,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.duplicates import (
    DuplicateGroupsSchema,
    DuplicatePageSchema,
    DuplicateQuerySchema,
    DuplicateSchema,
    LikenessesSchema,
)
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage, ListQuery
from meishi.sdk.http import accepted, document_of, wanted_versions


@blueprint.route("/duplicates")
class DuplicateList(MethodView):
    """Pairs of contacts that may be one."""

    @blueprint.requires("read")
    @blueprint.arguments(DuplicateQuerySchema, location="query")
    @blueprint.page(DuplicatePageSchema)
    @blueprint.problems(InvalidContactQuery)
    def get(self, wanted: ListQuery) -> DocumentPage:
        """List pairs that may be one, the likeliest first; open ones, if no state is named."""
        page = service(Duplicates).list(wanted)
        shown = DuplicateSchema()
        return DocumentPage(
            items=tuple(document_of(item, shown).body for item in page.items),
            position=page.position,
            total=page.total,
        )


@blueprint.route("/duplicates/groups")
class DuplicateGroupList(MethodView):
    """Contacts that are one several times over."""

    @blueprint.requires("read")
    @blueprint.response(200, DuplicateGroupsSchema)
    def get(self) -> dict[str, Any]:
        """Tell which contacts are certainly one, in groups: the hundred surest.

        Two are in a group only where most pairs between its parts are certain, and none of them was
        dismissed. `POST /contacts/ID/merge` makes one of a group.
        """
        groups = service(Duplicates).groups()
        found = service(Contacts).find(tuple(item for group in groups for item in group))
        names = {contact.id: contact.name.full for contact in found}
        return {
            "items": [
                {"contacts": [{"id": item, "name": names.get(item)} for item in group]}
                for group in groups
            ]
        }


@blueprint.route("/duplicates/scan")
class DuplicateScanning(MethodView):
    """Looking at all contacts anew."""

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problems(OperationNotFound)
    def post(self) -> Response:
        """Look for duplicates among all contacts; what was decided about pairs stays.

        While one scan is under way, that one is returned; after a failure or a cancellation, a new
        one goes on where the last one stopped.
        """
        return accepted(service(Operations).get(service(Duplicates).request_scan()))


@blueprint.route("/duplicates/<uuid:pair_id>")
class DuplicateItem(MethodView):
    """One pair."""

    @blueprint.requires("read")
    @blueprint.document(DuplicateSchema)
    @blueprint.problem(DuplicateNotFound)
    def get(self, pair_id: UUID) -> DuplicatePair:
        """Return a pair: what speaks for and against its being one contact."""
        return service(Duplicates).get(pair_id)


@blueprint.route("/duplicates/<uuid:pair_id>/dismiss")
class DuplicateDismissal(MethodView):
    """Saying that two contacts are not the same."""

    @blueprint.requires("write")
    @blueprint.document(DuplicateSchema)
    @blueprint.preconditions()
    @blueprint.problems(DuplicateNotFound, DuplicateMerged)
    def post(self, pair_id: UUID) -> DuplicatePair:
        """Remember that two contacts are not the same, also when they are found again."""
        return service(Duplicates).dismiss(pair_id, versions=wanted_versions())


@blueprint.route("/duplicates/<uuid:pair_id>/reopen")
class DuplicateReopening(MethodView):
    """Taking that back."""

    @blueprint.requires("write")
    @blueprint.document(DuplicateSchema)
    @blueprint.preconditions()
    @blueprint.problems(DuplicateNotFound, DuplicateMerged)
    def post(self, pair_id: UUID) -> DuplicatePair:
        """Take back that two contacts are not the same."""
        return service(Duplicates).reopen(pair_id, versions=wanted_versions())


@blueprint.route("/<uuid:contact_id>/duplicates")
class ContactDuplicates(MethodView):
    """Who may be a contact, too."""

    @blueprint.requires("read")
    @blueprint.response(200, LikenessesSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, contact_id: UUID) -> dict[str, Any]:
        """Tell which contacts may be this one, as all are now: the twenty likeliest."""
        return {"items": service(Duplicates).of_contact(contact_id)}
