"""Imports of address books."""

from __future__ import annotations

from io import BytesIO
from itertools import islice

from flask.views import MethodView

from crm_contacts.contract import Contacts, TooManyCards
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.imports import ContactImportSchema
from crm_contacts.sources import ImportSummary, source_cards
from meishi.sdk.context import current_settings, service
from meishi.sdk.http import body_of_type

VCARD_TYPES = ("text/vcard", "text/x-vcard", "text/directory")


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
