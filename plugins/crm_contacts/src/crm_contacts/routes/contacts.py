"""Contacts over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, after_this_request, request, send_file
from flask.views import MethodView

from crm_contacts.card_forms import JCARD, JSCONTACT, wanted_form
from crm_contacts.contact_documents import WITH_PARAMETERS, contact_from_document
from crm_contacts.contract import (
    ContactChanges,
    ContactDocuments,
    ContactDraft,
    ContactNotDeleted,
    ContactNotFound,
    ContactReadOnly,
    Contacts,
    ContactUidTaken,
    InvalidContact,
    InvalidContactQuery,
    PersonSuppressed,
    Purges,
    SeveralContactsMatch,
)
from crm_contacts.file_names import file_name
from crm_contacts.routes import card_examples
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.routes.merges import LEADS_ELSEWHERE, elsewhere
from crm_contacts.schemas.contact_queries import (
    ContactCardQuerySchema,
    ContactQuerySchema,
    ContactUpsertQuerySchema,
)
from crm_contacts.schemas.contacts import (
    ContactDraftSchema,
    ContactPageSchema,
    ContactPatchSchema,
    ContactSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import (
    ChangePage,
    ChangeQuery,
    Document,
    DocumentPage,
    ListQuery,
)
from meishi.sdk.http import MERGE_PATCH, asked_versions, document_response, wanted_versions

_EXAMPLE = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "organisation": "Lindqvist Arkitekter",
    "emails": [{"address": "anna@lindqvist-arkitekter.example", "types": ["work"]}],
}
_PATCH_EXAMPLE = {"name": {"family": "Ek"}, "title": "Architect", "note": None}

VCARD = "text/vcard"
_CARDS = {
    VCARD: {"schema": {"type": "string"}, "example": card_examples.VCARD},
    JCARD.media_type: {"schema": {"type": "array"}, "example": card_examples.JCARD},
    JSCONTACT.media_type: {"schema": {"type": "object"}, "example": card_examples.JSCONTACT},
}

_LISTS = (*WITH_PARAMETERS, "nicknames", "units", "positions", "tags")


@blueprint.route("")
class ContactList(MethodView):
    """All contacts of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactQuerySchema, location="query")
    @blueprint.page(ContactPageSchema)
    @blueprint.problems(InvalidContactQuery)
    def get(self, wanted: ListQuery) -> DocumentPage:
        """List contacts: in order of creation, or filtered, sorted and searched.

        Custom fields are filtered by `filter[custom.KEY][operator]`, and sorted by `custom.KEY`.
        """
        return service(ContactDocuments).list(wanted)

    @blueprint.requires("write")
    @blueprint.arguments(ContactUpsertQuerySchema, location="query")
    @blueprint.arguments(ContactDraftSchema, example=_EXAMPLE)
    @blueprint.document(ContactSchema, status=201, existing="A contact matched; it is changed")
    @blueprint.preconditions(required=False)
    @blueprint.problems(ContactUidTaken, InvalidContact, PersonSuppressed, SeveralContactsMatch)
    @blueprint.problem(ContactReadOnly, "The contact that matches is shared for reading")
    @blueprint.problem(ContactNotFound, "Deleted meanwhile")
    def post(self, query: dict[str, Any], document: dict[str, Any]) -> Document | Response:
        """Create a contact, or change the one that matches.

        With `match`, what the body names is changed of the one contact that has its `uid` or its
        first email, as by a merge patch; `If-Match` says then for which version, or by `*` that
        there has to be one.
        """
        if query["match"] is None:
            return service(ContactDocuments).get(service(Contacts).create(_draft(document)).id)
        found = service(Contacts).upsert(
            _changes(_named(document)),
            match=query["match"],
            versions=asked_versions(),
            create="If-Match" not in request.headers,
        )
        shown = service(ContactDocuments).get(found.contact.id)
        if found.created:
            return shown
        location = f"{request.path}/{found.contact.id}"
        return document_response(shown, location=location, resource=ContactSchema)


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
    @blueprint.doc(responses={**LEADS_ELSEWHERE, 200: {"content": _CARDS}})
    @blueprint.problem(ContactNotFound)
    def get(self, contact_id: UUID) -> Document | Response:
        """Return a contact, or its card if `Accept` prefers one.

        vCard 4.0 or 3.0 (`text/vcard;version=3.0`), jCard (RFC 7095) or JSContact (RFC 9553). One
        that was merged leads to the contact that took it.
        """
        after_this_request(_varied)
        form = wanted_form(_accepted())
        try:
            if form is None:
                return service(ContactDocuments).get(contact_id)
            document = service(ContactDocuments).get(
                contact_id, with_photo=True, with_relations=True
            )
            card = form.write(contact_from_document(document.body))
        except ContactNotFound:
            return elsewhere(contact_id)
        return Response(card, content_type=form.content_type)

    @blueprint.requires("write")
    @blueprint.arguments(ContactPatchSchema, content_type=MERGE_PATCH, example=_PATCH_EXAMPLE)
    @blueprint.document(ContactSchema)
    @blueprint.preconditions()
    @blueprint.problems(ContactNotFound, ContactUidTaken, InvalidContact, PersonSuppressed)
    @blueprint.problem(ContactReadOnly)
    def patch(self, document: dict[str, Any], contact_id: UUID) -> Document:
        """Change a contact: what is absent stays, lists are replaced, null empties."""
        service(Contacts).update(contact_id, _changes(document), versions=wanted_versions())
        return service(ContactDocuments).get(contact_id)

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(ContactNotFound)
    @blueprint.problem(ContactReadOnly)
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
    @blueprint.problem(ContactReadOnly)
    @blueprint.problem(ContactUidTaken, "UID in use by another contact meanwhile")
    def post(self, contact_id: UUID) -> Document:
        """Restore a deleted contact; one that was not deleted stays as it is."""
        service(Contacts).restore(contact_id)
        return service(ContactDocuments).get(contact_id)


@blueprint.route("/<uuid:contact_id>/purge")
class ContactPurge(MethodView):
    """The end of a deleted contact."""

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.problem(ContactNotFound)
    @blueprint.problem(ContactReadOnly)
    @blueprint.problem(ContactNotDeleted, "It is not deleted, or merged into another one")
    def post(self, contact_id: UUID) -> None:
        """Delete a contact for good that is deleted already; nothing brings it back."""
        service(Purges).purge(contact_id)


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
        document = service(ContactDocuments).get(contact_id, with_photo=True, with_relations=True)
        found = contact_from_document(document.body)
        card = BytesIO(service(Contacts).write_card(found, version=query["version"]))
        name = file_name(found.name.full)
        return send_file(card, VCARD, as_attachment=True, download_name=name, etag=False)


def _accepted() -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield what the client accepts, in its order."""
    for written, quality in request.accept_mimetypes:
        media_type, *rest = (part.strip().lower() for part in written.split(";"))
        pairs = (part.partition("=") for part in rest)
        yield media_type, {name: value.strip('"') for name, _, value in pairs}, quality


def _varied(response: Response) -> Response:
    """Let no cache hand out a card to who wants a document."""
    response.vary.add("Accept")
    return response


def _draft(document: dict[str, Any]) -> ContactDraft:
    """Return the draft in a validated document."""
    given = {key: value for key, value in document["custom"].items() if value is not None}
    return msgspec.convert(
        document | _pairs(document) | {"custom": list(given.items())}, ContactDraft
    )


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """Return of a validated document what the body of the request names."""
    body = request.get_json()
    name = {part: document["name"][part] for part in body["name"]}
    return {member: document[member] for member in body} | {"name": name}


def _changes(document: dict[str, Any]) -> ContactChanges:
    """Return the changes in a validated patch."""
    lists = {name: document[name] or [] for name in _LISTS if name in document}
    custom = document.get("custom")
    values = {} if custom is None else {"custom": list(custom.items())}
    return msgspec.convert(document | lists | _pairs(lists) | values, ContactChanges)


def _pairs(document: dict[str, Any]) -> dict[str, Any]:
    """Return the lists of a document whose items have parameters, those as pairs."""
    return {
        name: [item | {"parameters": list(item["parameters"].items())} for item in document[name]]
        for name in WITH_PARAMETERS
        if name in document
    }
