"""What the contact service refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class ContactNotFound(DomainError):
    """No such contact in this workspace."""

    code = "contact-not-found"
    title = "Contact not found"
    status = 404


class ContactReadOnly(DomainError):
    """The contact is shared with who acts for reading alone."""

    code = "contact-read-only"
    title = "Contact is shared for reading"
    status = 403


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


class SeveralContactsMatch(DomainError):
    """Several contacts have what one should be known by; `errors` names ten of them at most."""

    code = "several-contacts-match"
    title = "Several contacts match"
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


class DuplicateNotFound(DomainError):
    """No such pair of contacts in this workspace."""

    code = "duplicate-not-found"
    title = "Pair not found"
    status = 404


class DuplicateMerged(DomainError):
    """The contacts of the pair are merged, so nothing else can be decided about it."""

    code = "duplicate-merged"
    title = "Contacts are merged already"
    status = 409


class DuplicateScanNotFound(DomainError):
    """No such scan in this workspace."""

    code = "duplicate-scan-not-found"
    title = "Scan not found"
    status = 404


class NotMerged(DomainError):
    """The contact is not merged into another one, so nothing can be taken back."""

    code = "contact-not-merged"
    title = "Contact is not merged"
    status = 409


class MergedFurther(DomainError):
    """The contact that took it was itself merged into another one: take that back first."""

    code = "contact-merged-further"
    title = "Merged further since"
    status = 409


class TagNotFound(DomainError):
    """No such tag in this workspace."""

    code = "tag-not-found"
    title = "Tag not found"
    status = 404


class TagNameTaken(DomainError):
    """Another tag of this workspace has the name already, whatever its case."""

    code = "tag-name-taken"
    title = "Tag exists already"
    status = 409


class InvalidTag(DomainError):
    """The tag breaks a rule that its shape does not show."""

    code = "invalid-tag"
    title = "Invalid tag"
    status = 422


class BulkEditNotFound(DomainError):
    """No such edit in this workspace: it has ended, or was never asked for."""

    code = "bulk-edit-not-found"
    title = "Bulk edit not found"
    status = 404


class InvalidBulkEdit(DomainError):
    """It is not clear which contacts are to be edited, or how."""

    code = "invalid-bulk-edit"
    title = "Invalid bulk edit"
    status = 422


class CustomFieldNotFound(DomainError):
    """No such custom field in this workspace."""

    code = "custom-field-not-found"
    title = "Custom field not found"
    status = 404


class CustomFieldTaken(DomainError):
    """Another custom field of this workspace has the key already."""

    code = "custom-field-taken"
    title = "Custom field exists already"
    status = 409


class CustomFieldInUse(DomainError):
    """Something holds on to what a custom field is: values, or segments."""

    code = "custom-field-in-use"
    title = "Custom field in use"
    status = 409


class InvalidCustomField(DomainError):
    """The custom field breaks a rule that its shape does not show."""

    code = "invalid-custom-field"
    title = "Invalid custom field"
    status = 422


class ListNotFound(DomainError):
    """No such list in this workspace."""

    code = "list-not-found"
    title = "List not found"
    status = 404


class ListNameTaken(DomainError):
    """Another list of this workspace has the name already, whatever its case."""

    code = "list-name-taken"
    title = "List exists already"
    status = 409


class InvalidList(DomainError):
    """The list breaks a rule that its shape does not show."""

    code = "invalid-list"
    title = "Invalid list"
    status = 422


class SegmentNotFound(DomainError):
    """No such segment in this workspace."""

    code = "segment-not-found"
    title = "Segment not found"
    status = 404


class SegmentNameTaken(DomainError):
    """Another segment of this workspace has the name already, whatever its case."""

    code = "segment-name-taken"
    title = "Segment exists already"
    status = 409


class InvalidSegment(DomainError):
    """The segment breaks a rule, or its filter means nothing."""

    code = "invalid-segment"
    title = "Invalid segment"
    status = 422


class NoteNotFound(DomainError):
    """No such note in this workspace."""

    code = "note-not-found"
    title = "Note not found"
    status = 404


class InvalidNote(DomainError):
    """A note says something, and not too much."""

    code = "invalid-note"
    title = "Invalid note"
    status = 422
