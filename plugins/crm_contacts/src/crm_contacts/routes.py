"""The web API of the contact service: parse, call the contract, serialise."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from flask.views import MethodView

from crm_contacts.contract import Contact, ContactDraft, ContactPage, Contacts, TooManyCards
from crm_contacts.schemas import (
    ContactDraftSchema,
    ContactImportSchema,
    ContactPageSchema,
    ContactQuerySchema,
    ContactSchema,
)
from crm_contacts.sources import ImportSummary, source_cards
from meishi.sdk.context import current_settings, service
from meishi.sdk.http import Blueprint, body_of_type

VCARD_TYPES = ("text/vcard", "text/x-vcard", "text/directory")

blueprint = Blueprint("contacts", description="People and organisations")

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


@blueprint.route("/imports")
class ContactImportList(MethodView):
    """Imports of address books."""

    @blueprint.requires("write")
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {name: {"schema": {"type": "string"}} for name in VCARD_TYPES},
        }
    )
    @blueprint.response(201, ContactImportSchema)
    @blueprint.problem(422, "No card in the address book")
    def post(self) -> ImportSummary:
        """Import an address book of vCards 2.1, 3.0 and 4.0, with a result for each card."""
        stream = BytesIO(body_of_type(*VCARD_TYPES))
        settings = current_settings()
        limit = settings["max_cards_per_request"]
        found = source_cards(stream, max_card_bytes=settings["max_card_bytes"])
        cards = tuple(islice(found, limit + 1))
        if len(cards) > limit:
            raise TooManyCards(
                f"One request may bring {limit} cards; `meishi contacts import` takes any number."
            )
        return ImportSummary.of(service(Contacts).import_cards(cards))


def draft_from_document(document: dict[str, Any]) -> ContactDraft:
    """Return the draft in a validated document."""
    pairs = {
        name: [_with_pairs(item) for item in document[name]]
        for name in ("emails", "phones", "addresses", "links", "raw")
    }
    return msgspec.convert(document | pairs, ContactDraft)


def _with_pairs(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"parameters": list(item["parameters"].items())}
