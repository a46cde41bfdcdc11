"""What the contact service refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class ContactNotFound(DomainError):
    """No such contact in this workspace."""

    code = "contact-not-found"
    title = "Contact not found"
    status = 404


class InvalidContact(DomainError):
    """The draft breaks a rule that its shape does not show."""

    code = "invalid-contact"
    title = "Invalid contact"
    status = 422


class ContactUidTaken(DomainError):
    """Another contact of this workspace has the same UID."""

    code = "contact-uid-taken"
    title = "UID already in use"
    status = 409


class EmptyAddressBook(DomainError):
    """There is no card in what should be an address book."""

    code = "empty-address-book"
    title = "No card found"
    status = 422


class ImportNotFound(DomainError):
    """No such import in this workspace."""

    code = "import-not-found"
    title = "Import not found"
    status = 404


class InvalidContactQuery(DomainError):
    """A list is asked for in a way that it cannot be given."""

    code = "invalid-contact-query"
    title = "Invalid query"
    status = 400


class PersonSuppressed(DomainError):
    """The person was erased, and is not to come back."""

    code = "person-suppressed"
    title = "Person was erased"
    status = 409


class RelationshipNotFound(DomainError):
    """No such relationship in this workspace."""

    code = "relationship-not-found"
    title = "Relationship not found"
    status = 404


class RelationshipExists(DomainError):
    """One contact is related to the other in this way already."""

    code = "relationship-exists"
    title = "Relationship exists already"
    status = 409


class InvalidRelationship(DomainError):
    """A contact is not related to itself, and what is noted must be text."""

    code = "invalid-relationship"
    title = "Invalid relationship"
    status = 422
