"""The contact service's contract: the only module of this package that others may import."""

from crm_contacts.contract.cards import (
    CardOutcome,
    CardStatus,
    SourceCard,
)
from crm_contacts.contract.errors import (
    ContactNotFound,
    ContactUidTaken,
    EmptyAddressBook,
    InvalidContact,
    InvalidContactQuery,
    TooManyCards,
)
from crm_contacts.contract.events import (
    ContactCreated,
    ContactDeleted,
    ContactRestored,
    ContactUpdated,
)
from crm_contacts.contract.services import (
    ContactDocuments,
    Contacts,
)
from crm_contacts.contract.values import (
    MAX_PAGE,
    Address,
    Contact,
    ContactChanges,
    ContactDraft,
    ContactKind,
    ContactPage,
    Email,
    Link,
    Name,
    NameChanges,
    Parameters,
    Phone,
    RawProperty,
    VCardVersion,
)

__all__ = [
    "MAX_PAGE",
    "Address",
    "CardOutcome",
    "CardStatus",
    "Contact",
    "ContactChanges",
    "ContactCreated",
    "ContactDeleted",
    "ContactDocuments",
    "ContactDraft",
    "ContactKind",
    "ContactNotFound",
    "ContactPage",
    "ContactRestored",
    "ContactUidTaken",
    "ContactUpdated",
    "Contacts",
    "Email",
    "EmptyAddressBook",
    "InvalidContact",
    "InvalidContactQuery",
    "Link",
    "Name",
    "NameChanges",
    "Parameters",
    "Phone",
    "RawProperty",
    "SourceCard",
    "TooManyCards",
    "VCardVersion",
]
