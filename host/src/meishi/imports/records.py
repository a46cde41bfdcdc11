"""What the host knows of a file on its way in, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from meishi.declarations import ImportPreview, RejectedItem
from meishi.sdk.contract import DomainError


class ImportState(StrEnum):
    """How far an import has come; `tried` is at the end of its file, with nothing stored."""

    UPLOADED = "uploaded"
    RUNNING = "running"
    TRIED = "tried"
    COMPLETED = "completed"

    @property
    def final(self) -> bool:
        """Whether the file was read to its end."""
        return self in {ImportState.TRIED, ImportState.COMPLETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many resources were read so far, and what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def items(self) -> int:
        """How many were read so far."""
        return self.created + self.updated + self.unchanged + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImport:
    """One file: what it is, what an importer sees in it, and how far its import has come.

    `plugin` and `importer` are None until somebody has said that they read it. `size` and `done`
    are octets. `operation_id` is that of the last operation that was to do something with it.
    `sent` is where a chunk begins of which a service may or may not have taken in what is there.
    """

    id: UUID
    name: str | None
    media_type: str
    plugin: str | None
    importer: str | None
    state: ImportState
    size: int
    done: int
    preview: ImportPreview | None
    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool
    counts: Counts
    operation_id: UUID | None
    created_by: UUID | None
    created_at: datetime
    completed_at: datetime | None
    next_state: str
    run: UUID | None
    sent: int | None

    @property
    def progress(self) -> float:
        """The part of the file that is done, from 0 to 1."""
        return 1.0 if self.state.final else self.done / max(1, self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportList:
    """Imports, newest first; `next_after` is None on the last page."""

    items: tuple[FileImport, ...]
    next_after: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectList:
    """Rejected resources in the order of their file; `next_after` is None on the last page."""

    items: tuple[RejectedItem, ...]
    next_after: int | None


class ImporterNotFound(DomainError):
    """There is no such importer, or none that takes such a file."""

    code = "importer-not-found"
    title = "Import format not found"
    status = 404


class FileImportNotFound(DomainError):
    """There is no such import in this workspace."""

    code = "file-import-not-found"
    title = "Import not found"
    status = 404


class FileTooLarge(DomainError):
    """A file has more octets than its importer takes."""

    code = "file-too-large"
    title = "File too large"
    status = 413


class EmptyFile(DomainError):
    """A file has nothing in it."""

    code = "empty-file"
    title = "Empty file"
    status = 422


class ImporterUnknown(DomainError):
    """Nobody has said yet who reads the file."""

    code = "importer-unknown"
    title = "Import format not known"
    status = 409


class ImportUnderWay(DomainError):
    """Something else is done with the file at this moment."""

    code = "import-under-way"
    title = "Import under way"
    status = 409


class ImportBegun(DomainError):
    """What was taken in already does not go with what is asked for now."""

    code = "import-begun"
    title = "Import begun"
    status = 409


class ImporterFailed(DomainError):
    """The code of an importer failed; the message says whose it is."""

    code = "importer-failed"
    title = "Import format failed"
    status = 500
