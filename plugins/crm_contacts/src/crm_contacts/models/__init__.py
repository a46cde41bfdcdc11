"""Tables of the contact service, all of them under row security."""

from crm_contacts.models.columns import metadata
from crm_contacts.models.contacts import (
    CONTACT_KEYS,
    UID_INDEX,
    address,
    contact,
    email,
    link,
    phone,
)
from crm_contacts.models.imports import contact_import, import_piece, import_row
from crm_contacts.models.relationships import relationship
from crm_contacts.models.search import contact_word, fingerprint, word

__all__ = [
    "CONTACT_KEYS",
    "UID_INDEX",
    "address",
    "contact",
    "contact_import",
    "contact_word",
    "email",
    "fingerprint",
    "import_piece",
    "import_row",
    "link",
    "metadata",
    "phone",
    "relationship",
    "word",
]
