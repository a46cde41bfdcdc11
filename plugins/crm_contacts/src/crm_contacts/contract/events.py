"""What the contact service publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from crm_contacts.contract.consents import ConsentChannel, ConsentState
from crm_contacts.contract.relationships import RelationshipType
from crm_contacts.contract.values import ChangeSource
from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCreated(Event):
    """A contact came into being."""

    event_type: ClassVar[str] = "contact.created.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    fields: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUpdated(Event):
    """Fields of a contact changed; `source` says whether somebody typed that."""

    event_type: ClassVar[str] = "contact.updated.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    fields: tuple[str, ...] = field(default=())
    source: ChangeSource = ChangeSource.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeleted(Event):
    """A contact was deleted; it can be restored."""

    event_type: ClassVar[str] = "contact.deleted.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRestored(Event):
    """A deleted contact is back."""

    event_type: ClassVar[str] = "contact.restored.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsMerged(Event):
    """Contacts turned out to be one; all that were ever merged into it are `merged_ids`.

    These are deleted, and what they said is in the one that stays.
    """

    event_type: ClassVar[str] = "contact.merged.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    merged_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsUnmerged(Event):
    """A merge was taken back: the first of `merged_ids` is a contact of its own again.

    The others were merged into that one before, and lead to it again.
    """

    event_type: ClassVar[str] = "contact.unmerged.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    merged_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactErased(Event):
    """Nothing is left of a contact but its id; it cannot be restored.

    The person was erased, or the contact, which was deleted, has been purged.
    """

    event_type: ClassVar[str] = "contact.erased.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsRelated(Event):
    """The target is something to the source: somebody said so, or a deleted contact is back."""

    event_type: ClassVar[str] = "contact.related.v1"
    subject: ClassVar[str] = "relationship_id"

    relationship_id: UUID
    source_id: UUID
    target_id: UUID
    type: RelationshipType


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsUnrelated(Event):
    """A relationship is gone: with one of its contacts, with a merge, or by itself."""

    event_type: ClassVar[str] = "contact.unrelated.v1"
    subject: ClassVar[str] = "relationship_id"

    relationship_id: UUID
    source_id: UUID
    target_id: UUID
    type: RelationshipType


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    """What a contact has said to being reached is known anew, or again after a merge."""

    event_type: ClassVar[str] = "consent.recorded.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    channel: ConsentChannel
    state: ConsentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoChanged(Event):
    """A contact has another photo, or none any more."""

    event_type: ClassVar[str] = "photo.changed.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCompleted(Event):
    """An address book came in to its end; how many of its rows did what."""

    event_type: ClassVar[str] = "import.completed.v1"
    subject: ClassVar[str] = "import_id"

    import_id: UUID
    created: int
    updated: int
    unchanged: int
    rejected: int
