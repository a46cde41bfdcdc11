"""The contact service's contract: the only module of this package that others may import."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import UNSET, UnsetType

from meishi.sdk.contract import (
    Document,
    DocumentPage,
    DomainError,
    Event,
    ListQuery,
    VersionMismatch,
    command,
    query,
)

MAX_PAGE = 200


class ContactKind(StrEnum):
    """What a contact stands for (the values of vCard's KIND and of JSContact, RFC 9553)."""

    INDIVIDUAL = "individual"
    ORG = "org"
    GROUP = "group"
    LOCATION = "location"
    DEVICE = "device"
    APPLICATION = "application"


class CardStatus(StrEnum):
    """What became of one card of an import."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


#: Parameters of a vCard property that no field stands for: (name, values) pairs.
Parameters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawProperty:
    """A property of a source card that no field stands for, kept so that nothing is lost.

    `value` is the text after transfer decoding, with its vCard escapes as they were written.
    """

    name: str
    value: str
    group: str | None = None
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as displayed (`full`) and its parts, as far as they are known."""

    full: str
    given: str | None = None
    family: str | None = None
    additional: str | None = None
    prefix: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An email address; `normalised` is set by the service and ignored on input."""

    address: str
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A telephone number; `normalised` is set by the service and ignored on input."""

    number: str
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in the seven parts of vCard's ADR."""

    po_box: str | None = None
    extended: str | None = None
    street: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    parameters: Parameters = ()

    @property
    def parts(self) -> tuple[str | None, ...]:
        """The seven parts, in the order of ADR."""
        return (
            self.po_box,
            self.extended,
            self.street,
            self.locality,
            self.region,
            self.postal_code,
            self.country,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A web address; `normalised` is set by the service and ignored on input."""

    url: str
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A person or organisation to be stored: what is known, before it has an id."""

    name: Name
    kind: ContactKind = ContactKind.INDIVIDUAL
    uid: str | None = None
    nicknames: tuple[str, ...] = ()
    organisation: str | None = None
    units: tuple[str, ...] = ()
    title: str | None = None
    role: str | None = None
    birthday: str | None = None
    note: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    addresses: tuple[Address, ...] = ()
    links: tuple[Link, ...] = ()
    raw: tuple[RawProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(ContactDraft):
    """A stored person or organisation of the current workspace."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChanges:
    """What to change about a name; what is unset stays."""

    full: str | UnsetType = UNSET
    given: str | UnsetType | None = UNSET
    family: str | UnsetType | None = UNSET
    additional: str | UnsetType | None = UNSET
    prefix: str | UnsetType | None = UNSET
    suffix: str | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanges:
    """What to change about a contact; what is unset stays, a list is replaced as a whole."""

    name: NameChanges | UnsetType = UNSET
    kind: ContactKind | UnsetType = UNSET
    uid: str | UnsetType | None = UNSET
    nicknames: tuple[str, ...] | UnsetType = UNSET
    organisation: str | UnsetType | None = UNSET
    units: tuple[str, ...] | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    role: str | UnsetType | None = UNSET
    birthday: str | UnsetType | None = UNSET
    note: str | UnsetType | None = UNSET
    emails: tuple[Email, ...] | UnsetType = UNSET
    phones: tuple[Phone, ...] | UnsetType = UNSET
    addresses: tuple[Address, ...] | UnsetType = UNSET
    links: tuple[Link, ...] | UnsetType = UNSET
    raw: tuple[RawProperty, ...] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Contacts in order of creation; `next_after` is None on the last page."""

    items: tuple[Contact, ...]
    next_after: UUID | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """One vCard as it stands in its source; with a `fault` it is known to be unusable."""

    index: int
    line: int
    content: bytes
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOutcome:
    """What became of one card: its place in the source and, if rejected, why and its text."""

    index: int
    line: int
    status: CardStatus
    name: str | None = None
    contact_id: UUID | None = None
    reason: str | None = None
    original: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCreated(Event):
    """A contact came into being."""

    event_type: ClassVar[str] = "contact.created.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    fields: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUpdated(Event):
    """Fields of a contact changed."""

    event_type: ClassVar[str] = "contact.updated.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    fields: tuple[str, ...] = field(default=())


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


class TooManyCards(DomainError):
    """The address book has more cards than one request may bring."""

    code = "too-many-cards"
    title = "Too many cards"
    status = 413


class InvalidContactQuery(DomainError):
    """A list is asked for in a way that it cannot be given."""

    code = "invalid-contact-query"
    title = "Invalid query"
    status = 400


class Contacts(Protocol):
    """People and organisations of the current workspace."""

    @command(errors=(InvalidContact, ContactUidTaken))
    def create(self, draft: ContactDraft) -> Contact:
        """Store a contact; emits `contact.created.v1`."""
        ...

    @query(errors=(ContactNotFound,))
    def get(self, contact_id: UUID) -> Contact:
        """Return one contact."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> ContactPage:
        """Return contacts in order of creation, from behind the contact `after`."""
        ...

    @command(errors=(ContactNotFound, InvalidContact, ContactUidTaken, VersionMismatch))
    def update(
        self,
        contact_id: UUID,
        changes: ContactChanges,
        *,
        versions: tuple[int, ...] | None = None,
    ) -> Contact:
        """Change a contact, if it has one of the `versions`; None stands for any.

        Emits `contact.updated.v1` with the names of the fields that differ; where none does,
        nothing happens and the version stays.
        """
        ...

    @command(errors=(ContactNotFound, VersionMismatch))
    def delete(self, contact_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a contact, such that it can be restored; emits `contact.deleted.v1`."""
        ...

    @command(errors=(ContactNotFound, ContactUidTaken))
    def restore(self, contact_id: UUID) -> Contact:
        """Bring a deleted contact back; emits `contact.restored.v1`.

        A contact that was not deleted is returned as it is. `ContactUidTaken` if another one
        has taken its UID meanwhile.
        """
        ...

    @command()
    def import_cards(self, cards: tuple[SourceCard, ...]) -> tuple[CardOutcome, ...]:
        """Read every card and store it; return one outcome per card, in their order.

        A broken card never hides the others. A card with the UID or the normalised content of
        a stored contact, or of any card that was merged into it, is a duplicate: what it adds
        is merged into that contact. Emits
        `contact.created.v1`, and `contact.updated.v1` where a duplicate added something.
        """
        ...


class ContactDocuments(Protocol):
    """Contacts as the web API shows them, ready to be sent."""

    @query(errors=(ContactNotFound,))
    def get(self, contact_id: UUID) -> Document:
        """Return the document of one contact."""
        ...

    @query(errors=(InvalidContactQuery,))
    def list(self, wanted: ListQuery) -> DocumentPage:
        """Return documents of contacts: filtered, searched and sorted.

        Filters: `kind`, `uid`, `name`, `given_name`, `family_name`, `organisation`, `title`,
        `email`, `phone` (eq, prefix; kind and uid only eq), `created_at`, `updated_at` (lt,
        lte, gt, gte), `deleted` (eq). Texts are compared without regard to case, accents and
        width. Sorts: `name`, `organisation`, `created_at`, `updated_at`. Deleted contacts are
        left out unless `deleted` is `true`, which shows them alone.
        """
        ...
