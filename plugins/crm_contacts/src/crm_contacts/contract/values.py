"""What a contact is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

MAX_PAGE = 200


class ContactKind(StrEnum):
    """What a contact stands for (the values of vCard's KIND and of JSContact, RFC 9553)."""

    INDIVIDUAL = "individual"
    ORG = "org"
    GROUP = "group"
    LOCATION = "location"
    DEVICE = "device"
    APPLICATION = "application"


class ChangeSource(StrEnum):
    """Where a change of a contact comes from: what somebody typed is worth more than the rest.

    The last four stand in histories alone. Events tell of what somebody decided, an edit of many
    contacts or a revert, as `user`, of a merge that is taken back as `merge`, and of an import
    that is undone as `import`.
    """

    USER = "user"
    IMPORT = "import"
    MERGE = "merge"
    ENRICHMENT = "enrichment"
    BULK_EDIT = "bulk_edit"
    REVERT = "revert"
    UNMERGE = "unmerge"
    UNDO = "undo"


class Visibility(StrEnum):
    """Who sees a contact: everybody in the workspace, or its owner and some whom it names."""

    WORKSPACE = "workspace"
    PRIVATE = "private"


class Access(StrEnum):
    """What somebody may do with a private contact that is shared with them."""

    READ = "read"
    WRITE = "write"


class VCardVersion(StrEnum):
    """The versions in which cards are written: RFC 2426 and RFC 6350."""

    V3 = "3.0"
    V4 = "4.0"


#: Parameters of a vCard property that no field stands for: (name, values) pairs.
Parameters = tuple[tuple[str, tuple[str, ...]], ...]

#: What a custom field can hold; whole numbers are `int`, others `float`.
CustomValue = bool | int | float | str


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
    """An email address; `normalised` is set by the service and ignored on input.

    `verified` says whether somebody has made sure that it is the contact's, here as of phones,
    addresses and links. Stored contacts have True or False. On input, None says nothing: a value
    that the contact has already, in its normalised form, stays as it is, and another one is not
    verified.
    """

    address: str
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    verified: bool | None = None
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A telephone number; `normalised` is set by the service and ignored on input."""

    number: str
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    verified: bool | None = None
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in the seven parts of vCard's ADR.

    `normalised` are these parts in normal forms, with semicolons between them; it is set by the
    service and ignored on input.
    """

    po_box: str | None = None
    extended: str | None = None
    street: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    normalised: str | None = None
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    verified: bool | None = None
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
    verified: bool | None = None
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A job that somebody has or had; its parts are those of the contact's own fields.

    Dates are a year, a month or a day (ISO 8601): `2019`, `2019-03`, `2019-03-01`. One that is not
    `current` is over, also where nobody knows since when. `note` says where it is known from, or
    whatever else there is to say.
    """

    organisation: str | None = None
    units: tuple[str, ...] = ()
    title: str | None = None
    role: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    current: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A person or organisation to be stored: what is known, before it has an id.

    `organisation`, `units`, `title` and `role` say the current job in short. `positions` is the job
    history; of the current job it says more where one of them is current and has its organisation.
    """

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
    positions: tuple[Position, ...] = ()
    tags: tuple[str, ...] = ()
    custom: tuple[tuple[str, CustomValue], ...] = ()
    raw: tuple[RawProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(ContactDraft):
    """A stored person or organisation of the current workspace."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    owner_id: UUID | None = None
    visibility: Visibility = Visibility.WORKSPACE


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
    """What to change about a contact; what is unset stays, a list is replaced as a whole.

    Of `custom`, values that are not named stay, too; None takes one away, or all. Of the current
    job and `positions` the one follows where the other alone is changed:

    - Another `organisation` ends the current position in the former one today, and becomes a
      current position itself. Where there is no such position, none comes to be.
    - `units`, `title`, `role` and the spelling of the organisation change that position, too.
    - Where nothing is said of the current job, the first current position becomes it. Where the
      position of the current job is over, the first current one becomes it, or there is none.
    """

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
    positions: tuple[Position, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    custom: tuple[tuple[str, CustomValue | None], ...] | UnsetType | None = UNSET
    raw: tuple[RawProperty, ...] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Contacts in order of creation; `next_after` is None on the last page."""

    items: tuple[Contact, ...]
    next_after: UUID | None
    total: int | None = None
