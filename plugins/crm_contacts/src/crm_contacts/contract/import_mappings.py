"""What becomes of the columns of a table: what is proposed, and what somebody chose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import EmptyAddressBook, ImportNotFound
from crm_contacts.contract.import_errors import ImportStarted, InvalidImportMapping
from crm_contacts.contract.values import ContactDraft
from meishi.sdk.contract import FieldError, command, query

#: Values of a column that are shown before anybody decides about it, and characters of each.
MAX_SAMPLES = 5
MAX_SAMPLE = 100
#: Cards or rows that are shown before the run.
MAX_PREVIEWED = 50

#: Charsets that a table can be said to be in.
CHARSETS = (
    "utf-8", "utf-16-le", "utf-16-be", "windows-1252", "windows-1250", "windows-1251",
    "iso-8859-2", "iso-8859-15", "macintosh", "koi8-r", "shift_jis", "gb18030", "big5", "euc-kr",
)  # fmt: skip
#: What can stand between the cells of a table.
DELIMITERS = (",", ";", "\t", "|")


class TargetField(StrEnum):
    """Where the values of a column can go.

    `skip` leaves them out, `raw` keeps them as raw properties. A part of an email, phone, link or
    address belongs to the other parts with the same `group`.
    """

    SKIP = "skip"
    RAW = "raw"
    NAME = "name"
    GIVEN_NAME = "name.given"
    FAMILY_NAME = "name.family"
    ADDITIONAL_NAME = "name.additional"
    NAME_PREFIX = "name.prefix"
    NAME_SUFFIX = "name.suffix"
    KIND = "kind"
    UID = "uid"
    NICKNAMES = "nicknames"
    ORGANISATION = "organisation"
    UNITS = "units"
    TITLE = "title"
    ROLE = "role"
    BIRTHDAY = "birthday"
    NOTE = "note"
    POSITIONS = "positions"
    EMAIL = "email"
    EMAIL_LABEL = "email.label"
    PHONE = "phone"
    PHONE_LABEL = "phone.label"
    LINK = "link"
    LINK_LABEL = "link.label"
    ADDRESS = "address"
    ADDRESS_STREET = "address.street"
    ADDRESS_STREET_2 = "address.street_2"
    ADDRESS_STREET_3 = "address.street_3"
    ADDRESS_EXTENDED = "address.extended"
    ADDRESS_PO_BOX = "address.po_box"
    ADDRESS_LOCALITY = "address.locality"
    ADDRESS_REGION = "address.region"
    ADDRESS_POSTAL_CODE = "address.postal_code"
    ADDRESS_COUNTRY = "address.country"
    ADDRESS_LABEL = "address.label"
    TAGS = "tags"
    CUSTOM = "custom"


class DateOrder(StrEnum):
    """Which comes first in a date such as 3/4/1980."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnTarget:
    """What the values of the column at a position, counted from 0, become.

    `types`, `label` and `primary` are those of the email, phone, link or address. `separator`
    stands between several values of one cell; tags without one are separated by commas and
    semicolons. `key` names the custom field, which takes values of its type alone.
    """

    position: int
    field: TargetField
    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False
    group: str | None = None
    separator: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """What becomes of columns; of those that are not named, values are kept as raw properties."""

    columns: tuple[ColumnTarget, ...]
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """A column: its heading, some of its values, and where they go unless somebody chose."""

    position: int
    heading: str
    samples: tuple[str, ...]
    proposed: ColumnTarget
    target: ColumnTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumns:
    """The columns of a table, how it is read, and whether somebody chose what becomes of them.

    Without a header columns are called after their places, and what is proposed is told by values.
    If `kept_mapping_id` names a kept mapping, what is proposed is what it says.
    """

    items: tuple[ImportColumn, ...]
    shape: str
    charset: str
    delimiter: str
    mapped: bool
    has_header: bool = True
    date_order: DateOrder | None = None
    proposed_date_order: DateOrder | None = None
    kept_mapping_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """A card or row at this place and line of its file: the contact that it is, or why it is none.

    `problems` are all rules that the contact breaks; `reason` is what its row would be rejected
    with. Nothing of it is compared with what is stored.
    """

    index: int
    line: int
    draft: ContactDraft | None
    reason: str | None = None
    problems: tuple[FieldError, ...] = ()


class ImportMappings(Protocol):
    """How the files of imports are read, while these have not begun."""

    @query(errors=(ImportNotFound,))
    def columns(self, import_id: UUID) -> ImportColumns | None:
        """Return the columns of a table; None for cards, which have none.

        Once an import has come to its end, there are no samples any more.
        """
        ...

    @command(errors=(ImportNotFound, ImportStarted, InvalidImportMapping))
    def set(self, import_id: UUID, mapping: ImportMapping | None) -> None:
        """Choose what becomes of the columns, for dry runs and the run; None takes it back.

        A dry run that there was is forgotten.

        :raises InvalidImportMapping: if it names no column that could name a contact, or columns
            or custom fields that there are not; also for cards
        """
        ...

    @command(errors=(EmptyAddressBook, ImportNotFound, ImportStarted, InvalidImportMapping))
    def read_as(
        self,
        import_id: UUID,
        *,
        charset: str | None = None,
        delimiter: str | None = None,
        has_header: bool | None = None,
    ) -> None:
        """Read a table in another charset, with another delimiter, with or without a header.

        None tells it by the content.

        What was chosen of its columns is forgotten, as they may be others.

        :raises EmptyAddressBook: if so read there is no header; nothing is changed
        """
        ...

    @query(errors=(ImportNotFound,))
    def preview(self, import_id: UUID, *, limit: int = 5) -> tuple[PreviewRow, ...]:
        """Return the first cards or rows as they would come in; none once all came in.

        There are `MAX_PREVIEWED` at most, fewer if they are large. Rows of which the run would say
        that they break a rule, or that their person was erased, have that for a reason.
        """
        ...
