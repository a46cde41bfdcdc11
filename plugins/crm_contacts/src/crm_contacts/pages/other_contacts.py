"""Contacts to choose from, beside one whose page leads there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from flask import request

from crm_contacts.contract import ContactDocuments
from crm_contacts.schemas.contact_queries import ContactQuerySchema
from meishi.sdk.context import service
from meishi.sdk.pages import page_query

_FOUND = "20"


def other_contacts(contact_id: UUID) -> list[dict[str, Any]]:
    """Return the documents of contacts but one that the search of the page finds.

    Without a search they are the first ones by name.
    """
    defaults = {"limit": _FOUND} if request.args.get("q") else {"limit": _FOUND, "sort": "name"}
    page = service(ContactDocuments).list(page_query(ContactQuerySchema, **defaults))
    found: list[dict[str, Any]] = [msgspec.json.decode(item) for item in page.items]
    return [item for item in found if item["id"] != str(contact_id)]
