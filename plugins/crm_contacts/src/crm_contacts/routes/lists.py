"""Lists of contacts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    ContactList,
    ContactListPage,
    ContactLists,
    InvalidList,
    ListNameTaken,
    ListNotFound,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.lists import (
    AddedMembersSchema,
    ContactListDraftSchema,
    ContactListPageSchema,
    ContactListPatchSchema,
    ContactListQuerySchema,
    ContactListSchema,
    ListMembersSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import MERGE_PATCH, document_of, document_response, wanted_versions


@blueprint.route("/lists")
class ContactListList(MethodView):
    """All lists of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactListQuerySchema, location="query")
    @blueprint.page(ContactListPageSchema)
    def get(self, wanted: ListQuery) -> ContactListPage:
        """List lists in order of creation."""
        return service(ContactLists).list(
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(ContactListDraftSchema)
    @blueprint.document(ContactListSchema, status=201)
    @blueprint.problems(InvalidList, ListNameTaken)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a list that nobody is on."""
        found = service(ContactLists).create(document["name"])
        return document_response(
            document_of(found, ContactListSchema()),
            status=201,
            location=f"{request.path}/{found.id}",
            resource=ContactListSchema,
        )


@blueprint.route("/lists/<uuid:list_id>")
class ContactListItem(MethodView):
    """One list."""

    @blueprint.requires("read")
    @blueprint.document(ContactListSchema)
    @blueprint.problem(ListNotFound)
    def get(self, list_id: UUID) -> ContactList:
        """Return a list; who is on it shows the list of contacts by the filter `list`."""
        return service(ContactLists).get(list_id)

    @blueprint.requires("write")
    @blueprint.arguments(ContactListPatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(ContactListSchema)
    @blueprint.preconditions()
    @blueprint.problems(InvalidList, ListNameTaken, ListNotFound)
    def patch(self, document: dict[str, Any], list_id: UUID) -> ContactList:
        """Give a list another name."""
        name = document.get("name", service(ContactLists).get(list_id).name)
        return service(ContactLists).rename(list_id, name, versions=wanted_versions())

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(ListNotFound)
    def delete(self, list_id: UUID) -> None:
        """Delete a list; its contacts stay."""
        service(ContactLists).delete(list_id, versions=wanted_versions())


@blueprint.route("/lists/<uuid:list_id>/members")
class ContactListMembers(MethodView):
    """The contacts on a list."""

    @blueprint.requires("write")
    @blueprint.arguments(ListMembersSchema)
    @blueprint.response(200, AddedMembersSchema)
    @blueprint.problems(InvalidList, ListNotFound)
    def post(self, document: dict[str, Any], list_id: UUID) -> dict[str, int]:
        """Put contacts on a list; those that there are not are passed over."""
        added = service(ContactLists).add(list_id, tuple(document["contact_ids"]))
        return {"added": added}


@blueprint.route("/lists/<uuid:list_id>/members/<uuid:contact_id>")
class ContactListMember(MethodView):
    """A contact on a list."""

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.unconditional("A contact is off the list then, whatever else became of that.")
    @blueprint.problem(ListNotFound)
    def delete(self, list_id: UUID, contact_id: UUID) -> None:
        """Take a contact off a list; one that is not on it is left alone."""
        service(ContactLists).remove(list_id, (contact_id,))
