"""Contacts whose cards are made: found by name, or by id if they are still there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import Contact, ContactDocuments, ContactNotFound, Contacts
from meishi.sdk.context import service
from meishi.sdk.http import list_query_schema
from meishi.sdk.pages import page_query

_CHOICES = "20"

ContactChoiceSchema = list_query_schema(
    "ContactChoiceSchema", sorts=("name",), searched="Whose card it is to be."
)


def living_contact(contact_id: UUID) -> Contact | None:
    """Return a contact; None if there is none, or it was deleted."""
    try:
        return service(Contacts).get(contact_id)
    except ContactNotFound:
        return None


def contact_choices(searched: str) -> Sequence[Any]:
    """Return documents of the contacts that the address asks for: best matches, or by name."""
    order = {} if searched else {"sort": "name"}
    wanted = page_query(ContactChoiceSchema, limit=_CHOICES, **order)
    return [msgspec.json.decode(item) for item in service(ContactDocuments).list(wanted).items]
