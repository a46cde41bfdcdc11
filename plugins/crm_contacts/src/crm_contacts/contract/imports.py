"""Imports: files on their way in, how far each has come, and what became of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.cards import CardStatus
from crm_contacts.contract.errors import EmptyAddressBook, ImportNotFound
from crm_contacts.contract.import_errors import (
    ImportMappingNeeded,
    ImportUndone,
    InvalidImportMapping,
)
from meishi.sdk.contract import command, query

#: Octets of every piece of a file but the last, which may have less.
PIECE_BYTES = 1024 * 1024


class ImportFormat(StrEnum):
    """What an address book is written in."""

    VCARD = "vcard"
    JCARD = "jcard"
    JSCONTACT = "jscontact"
    NDJSON = "ndjson"
    CSV = "csv"


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"
    RUNNING = "running"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """How many rows were read so far, and what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def duplicates(self) -> int:
        """How many rows were about a contact that was there already."""
        return self.updated + self.unchanged

    @property
    def rows(self) -> int:
        """How many rows were read so far."""
        return self.created + self.duplicates + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactImport:
    """One file: what it is, and how far its import has come.

    `size` and `done` are octets. `shape` is the program that wrote a table, `generic` if nobody
    knows, and `unknown` if nobody knows its columns either; of cards, `icloud` or None.
    `unmapped_columns` are those whose values are kept as raw properties. `charset` and
    `delimiter` are those of a table, it `has_header` if a row names its columns, and it is
    `mapped` if somebody chose what becomes of them; of cards, there is a `charset` if one was
    said. `operation_id` is that of the last operation that was to do the work, if there was
    one.
    """

    id: UUID
    name: str | None
    state: ImportState
    format: ImportFormat
    shape: str | None
    unmapped_columns: tuple[str, ...]
    charset: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    mapped: bool = False
    size: int
    done: int
    counts: ImportCounts
    operation_id: UUID | None
    created_at: datetime
    completed_at: datetime | None

    @property
    def progress(self) -> float:
        """The part of the file that is done, from 0 to 1."""
        return 1.0 if self.state is ImportState.COMPLETED else self.done / self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """Imports, newest first; `next_after` is None on the last page."""

    items: tuple[ContactImport, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """What became of one card or one row of a table, at this place and line of its file.

    The reason is that of a rejected one; of others it tells which values could not be taken for
    those of their custom fields, and are kept as raw properties.
    """

    index: int
    line: int
    status: CardStatus
    name: str | None = None
    contact_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRowPage:
    """Rows in the order of their file; `next_after` is None on the last page."""

    items: tuple[ImportRow, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectsPage:
    """A part of the file of rejected rows; `next_after` is None on the last one."""

    content: bytes
    next_after: int | None


class Imports(Protocol):
    """Imports of address books into the current workspace."""

    @command()
    def begin(self, name: str | None = None) -> UUID:
        """Prepare for the pieces of a file; nobody sees the import before `finish`."""
        ...

    @command(errors=(ImportNotFound,))
    def add_piece(self, import_id: UUID, number: int, content: bytes) -> None:
        """Store a piece of the file: `PIECE_BYTES` of it, fewer only if it is the last one."""
        ...

    @command(errors=(ImportNotFound, EmptyAddressBook, InvalidImportMapping))
    def finish(
        self,
        import_id: UUID,
        file_format: ImportFormat | None = None,
        *,
        charset: str | None = None,
        has_header: bool | None = None,
    ) -> ContactImport:
        """Look at the whole file, and return the import, ready to run.

        What is not said of format, charset and header is told by the content. Of UTF-8 that is
        said, rows that are none are told by their content, too; a byte order mark counts for more
        than the charset, and JSON is UTF-8 whatever is said. Properties of vCards that name a
        charset have that.

        :raises EmptyAddressBook: if nothing in the file can be recognised
        :raises InvalidImportMapping: if there is no such charset in `CHARSETS`
        """
        ...

    @command(errors=(ImportMappingNeeded, ImportNotFound, ImportUndone))
    def start(self, import_id: UUID) -> UUID:
        """Have a worker do all the work of an import, and return the operation.

        While one is under way, that is the one.

        :raises ImportMappingNeeded: if nobody knows the columns, nor chose what they become
        """
        ...

    @command(errors=(ImportMappingNeeded, ImportNotFound, ImportUndone))
    def run(self, import_id: UUID, *, seconds: int | None = None) -> ContactImport:
        """Go on with an import for some time, by default for that of the settings.

        At least one chunk is worked on. All of it happens in one transaction, or none.
        Emits what `Contacts.import_cards` does, and `import.completed.v1` at the end. Then a worker
        is to take the photos that stand in the cards: `PhotoIntakes`.
        """
        ...

    @query(errors=(ImportNotFound,))
    def get(self, import_id: UUID) -> ContactImport:
        """Return one import."""
        ...

    @query(errors=(ImportNotFound,))
    def begun_before(self, import_id: UUID) -> UUID | None:
        """Return the newest other import of the same file, read the same, that was broken off.

        It began, nobody works on it for an operation, and it was not undone.
        """
        ...

    @query()
    def list(self, *, after: UUID | None = None, limit: int = 50) -> ImportPage:
        """Return imports, newest first, from behind the import `after`."""
        ...

    @query(errors=(ImportNotFound,))
    def rows(
        self,
        import_id: UUID,
        *,
        statuses: tuple[CardStatus, ...] = (),
        with_reason: bool = False,
        after: int | None = None,
        limit: int = 50,
    ) -> ImportRowPage:
        """Return rows with one of the statuses, or all, from behind the one at index `after`.

        Or only those of them of which a reason tells something.

        Those of contacts that are kept from who acts have no name.
        """
        ...

    @query(errors=(ImportNotFound,))
    def rejects(self, import_id: UUID, *, after: int | None = None) -> RejectsPage:
        """Return rejected rows as they were, from behind the one at index `after`.

        The pages together, with the last one, are a file of the same kind, octet for octet:
        vCards after one another, a list of other cards, or the table's own header and rows.
        Without any reject they are empty.
        """
        ...

    @command(errors=(ImportNotFound,))
    def delete(self, import_id: UUID) -> None:
        """Forget an import, and cancel the operations that work on it; its contacts stay."""
        ...
