"""Contacts as documents: what a contact is of which the web API shows JSON."""

from __future__ import annotations

import msgspec

from crm_contacts.contract import Contact

#: The lists of a document whose items have parameters: an object there, pairs in the contract.
WITH_PARAMETERS = ("emails", "phones", "addresses", "links", "raw")


def contact_from_document(body: bytes) -> Contact:
    """Return the contact that a document of the contract describes."""
    document = msgspec.json.decode(body)
    for name in WITH_PARAMETERS:
        for item in document[name]:
            item["parameters"] = tuple(item["parameters"].items())
    document["custom"] = tuple(document["custom"].items())
    return msgspec.convert(document, Contact)
