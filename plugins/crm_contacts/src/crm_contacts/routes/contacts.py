"""Contacts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from flask.views import MethodView

from crm_contacts.contract import Contact, ContactDraft, ContactPage, Contacts
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.contacts import (
    ContactDraftSchema,
    ContactPageSchema,
    ContactQuerySchema,
    ContactSchema,
)
from meishi.sdk.context import service

_EXAMPLE = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "organisation": "Lindqvist Arkitekter",
    "emails": [{"address": "anna@lindqvist-arkitekter.example", "types": ["work"]}],
}


@blueprint.route("")
class ContactList(MethodView):
    """All contacts of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ContactQuerySchema, location="query")
    @blueprint.response(200, ContactPageSchema)
    def get(self, query: dict[str, Any]) -> ContactPage:
        """List contacts in order of creation."""
        return service(Contacts).list(
            after=query.get("after"), limit=query["limit"], with_total=query["total"]
        )

    @blueprint.requires("write")
    @blueprint.arguments(ContactDraftSchema, example=_EXAMPLE)
    @blueprint.response(201, ContactSchema)
    @blueprint.problem(409, "UID already in use")
    def post(self, document: dict[str, Any]) -> Contact:
        """Create a contact."""
        return service(Contacts).create(draft_from_document(document))


@blueprint.route("/<uuid:contact_id>")
class ContactItem(MethodView):
    """One contact."""

    @blueprint.requires("read")
    @blueprint.response(200, ContactSchema)
    @blueprint.problem(404, "Contact not found")
    def get(self, contact_id: UUID) -> Contact:
        """Return a contact."""
        return service(Contacts).get(contact_id)


def draft_from_document(document: dict[str, Any]) -> ContactDraft:
    """Return the draft in a validated document."""
    pairs = {
        name: [_with_pairs(item) for item in document[name]]
        for name in ("emails", "phones", "addresses", "links", "raw")
    }
    return msgspec.convert(document | pairs, ContactDraft)


def _with_pairs(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"parameters": list(item["parameters"].items())}
