"""Contacts over HTTP."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, send_file
from flask.views import MethodView

from crm_contacts.contract import (
    ContactChanges,
    ContactDocuments,
    ContactDraft,
    ContactNotFound,
    Contacts,
    ContactUidTaken,
    InvalidContact,
    InvalidContactQuery,
    PersonSuppressed,
)
from crm_contacts.file_names import file_name
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.contacts import (
    ContactCardQuerySchema,
    ContactDraftSchema,
    ContactMergeSchema,
    ContactPageSchema,
    ContactPatchSchema,
    ContactQuerySchema,
    ContactSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import (
    ChangePage,
    ChangeQuery,
    Document,
    DocumentPage,
    ListQuery,
    VersionMismatch,
)
from meishi.sdk.http import MERGE_PATCH, wanted_versions

_EXAMPLE = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "organisation": "Lindqvist Arkitekter",
    "emails": [{"address": "anna@lindqvist-arkitekter.example", "types": ["work"]}],
}
_PATCH_EXAMPLE = {"name": {"family": "Ek"}, "title": "Architect", "note": None}

VCARD = "text/vcard"

_WITH_PARAMETERS = ("emails", "phones", "addresses", "links", "raw")
_LISTS = (*_WITH_PARAMETERS, "nicknames", "units")


@blueprint.route("")
class ContactList(MethodView):
    """All contacts of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactQuerySchema, location="query")
    @blueprint.page(ContactPageSchema)
    @blueprint.problems(InvalidContactQuery)
    def get(self, wanted: ListQuery) -> DocumentPage:
        """List contacts: in order of creation, or filtered, sorted and searched."""
        return service(ContactDocuments).list(wanted)

    @blueprint.requires("write")
    @blueprint.arguments(ContactDraftSchema, example=_EXAMPLE)
    @blueprint.document(ContactSchema, status=201)
    @blueprint.problems(ContactUidTaken, InvalidContact, PersonSuppressed)
    @blueprint.problem(ContactNotFound, "Deleted meanwhile")
    def post(self, document: dict[str, Any]) -> Document:
        """Create a contact."""
        return service(ContactDocuments).get(service(Contacts).create(_draft(document)).id)


@blueprint.route("/changes")
class ContactFeed(MethodView):
    """What has changed among the contacts of the workspace."""

    @blueprint.requires("read")
    @blueprint.changes(ContactSchema)
    def get(self, wanted: ChangeQuery) -> ChangePage:
        """Tell what has changed: contacts as they are now, and which are deleted."""
        return service(ContactDocuments).changes(wanted)


@blueprint.route("/<uuid:contact_id>")
class ContactItem(MethodView):
    """One contact."""

    @blueprint.requires("read")
    @blueprint.document(ContactSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, contact_id: UUID) -> Document:
        """Return a contact."""
        return service(ContactDocuments).get(contact_id)

    @blueprint.requires("write")
    @blueprint.arguments(ContactPatchSchema, content_type=MERGE_PATCH, example=_PATCH_EXAMPLE)
    @blueprint.document(ContactSchema)
    @blueprint.preconditions()
    @blueprint.problems(ContactNotFound, ContactUidTaken, InvalidContact, PersonSuppressed)
    def patch(self, document: dict[str, Any], contact_id: UUID) -> Document:
        """Change a contact: what is absent stays, lists are replaced, null empties."""
        service(Contacts).update(contact_id, _changes(document), versions=wanted_versions())
        return service(ContactDocuments).get(contact_id)

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(ContactNotFound)
    def delete(self, contact_id: UUID) -> None:
        """Delete a contact; it can be restored."""
        service(Contacts).delete(contact_id, versions=wanted_versions())


blueprint.batch("", collection=ContactList, item=ContactItem)


@blueprint.route("/<uuid:contact_id>/restore")
class ContactRestoration(MethodView):
    """Bringing a deleted contact back."""

    @blueprint.requires("write")
    @blueprint.document(ContactSchema)
    @blueprint.problem(ContactNotFound)
    @blueprint.problem(ContactUidTaken, "UID in use by another contact meanwhile")
    def post(self, contact_id: UUID) -> Document:
        """Restore a deleted contact; one that was not deleted stays as it is."""
        service(Contacts).restore(contact_id)
        return service(ContactDocuments).get(contact_id)


@blueprint.route("/<uuid:contact_id>/merge")
class ContactMerging(MethodView):
    """Contacts that turn out to be one."""

    @blueprint.requires("write")
    @blueprint.arguments(ContactMergeSchema)
    @blueprint.document(ContactSchema)
    @blueprint.problems(ContactNotFound, InvalidContact, VersionMismatch)
    def post(self, document: dict[str, Any], contact_id: UUID) -> Document:
        """Merge others into a contact: it takes what they add, and they are deleted."""
        service(Contacts).merge(contact_id, tuple(document["merged_ids"]))
        return service(ContactDocuments).get(contact_id)


@blueprint.route("/<uuid:contact_id>/vcard")
class ContactCard(MethodView):
    """A contact as a vCard."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactCardQuerySchema, location="query")
    @blueprint.file(VCARD)
    @blueprint.problem(ContactNotFound)
    @blueprint.problem(InvalidContact, "There is something in it that no card can say")
    def get(self, query: dict[str, Any], contact_id: UUID) -> Response:
        """Return a contact as a file with one vCard."""
        found = service(Contacts).get(contact_id)
        card = BytesIO(service(Contacts).write_card(found, version=query["version"]))
        name = file_name(found.name.full)
        return send_file(card, VCARD, as_attachment=True, download_name=name, etag=False)


def _draft(document: dict[str, Any]) -> ContactDraft:
    """Return the draft in a validated document."""
    return msgspec.convert(document | _pairs(document), ContactDraft)


def _changes(document: dict[str, Any]) -> ContactChanges:
    """Return the changes in a validated patch."""
    lists = {name: document[name] or [] for name in _LISTS if name in document}
    return msgspec.convert(document | lists | _pairs(lists), ContactChanges)


def _pairs(document: dict[str, Any]) -> dict[str, Any]:
    """Return the lists of a document whose items have parameters, those as pairs."""
    return {
        name: [item | {"parameters": list(item["parameters"].items())} for item in document[name]]
        for name in _WITH_PARAMETERS
        if name in document
    }
