"""Lists, which people put contacts on, and segments, which are filters by a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import (
    InvalidList,
    InvalidSegment,
    ListNameTaken,
    ListNotFound,
    SegmentNameTaken,
    SegmentNotFound,
)
from meishi.sdk.contract import Condition, VersionMismatch, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """A list; its name is that of no other one in the workspace, whatever the case."""

    id: UUID
    name: str
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactListPage:
    """Lists in order of creation; `next_after` is None on the last page."""

    items: tuple[ContactList, ...]
    next_after: UUID | None
    total: int | None = None


class ContactLists(Protocol):
    """The lists of contacts of the current workspace.

    Who is on one is asked of `ContactDocuments.list` by the filter `list`. A contact does not
    change with the lists that it is on, and no event tells of them.
    """

    @command(errors=(InvalidList, ListNameTaken))
    def create(self, name: str) -> ContactList:
        """Make a list that nobody is on.

        :raises InvalidList: if the name is blank, long or no text, or there are too many lists
        :raises ListNameTaken: if there is a list with that name
        """
        ...

    @query(errors=(ListNotFound,))
    def get(self, list_id: UUID) -> ContactList:
        """Return one list."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> ContactListPage:
        """Return lists in order of creation, from behind the list `after`."""
        ...

    @query()
    def of(self, contact_id: UUID) -> tuple[ContactList, ...]:
        """Return the lists that a contact is on, by name."""
        ...

    @command(errors=(InvalidList, ListNameTaken, ListNotFound, VersionMismatch))
    def rename(
        self, list_id: UUID, name: str, *, versions: tuple[int, ...] | None = None
    ) -> ContactList:
        """Give another name to a list that has one of the `versions`; None stands for any."""
        ...

    @command(errors=(ListNotFound, VersionMismatch))
    def delete(self, list_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a list that has one of the `versions`; its contacts stay."""
        ...

    @command(errors=(InvalidList, ListNotFound))
    def add(self, list_id: UUID, contact_ids: tuple[UUID, ...]) -> int:
        """Put contacts on a list, 500 at most; return how many were not on it.

        Contacts that there are not are passed over.
        """
        ...

    @command(errors=(ListNotFound,))
    def remove(self, list_id: UUID, contact_ids: tuple[UUID, ...]) -> int:
        """Take contacts off a list; return how many were on it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A filter by a name: `conditions` are those of `ContactDocuments.list`, and all must hold."""

    id: UUID
    name: str
    conditions: tuple[Condition, ...]
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPage:
    """Segments in order of creation; `next_after` is None on the last page."""

    items: tuple[Segment, ...]
    next_after: UUID | None
    total: int | None = None


class Segments(Protocol):
    """The segments of the current workspace.

    Who is in one is asked of `ContactDocuments.list` by the filter `segment`, whenever that is.
    """

    @command(errors=(InvalidSegment, SegmentNameTaken))
    def create(self, name: str, conditions: tuple[Condition, ...]) -> Segment:
        """Save a filter under a name.

        :raises InvalidSegment: if the name or the filter breaks a rule, or there are too many
        :raises SegmentNameTaken: if there is a segment with that name
        """
        ...

    @query(errors=(SegmentNotFound,))
    def get(self, segment_id: UUID) -> Segment:
        """Return one segment."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> SegmentPage:
        """Return segments in order of creation, from behind the segment `after`."""
        ...

    @command(errors=(InvalidSegment, SegmentNameTaken, SegmentNotFound, VersionMismatch))
    def update(
        self,
        segment_id: UUID,
        *,
        name: str | None = None,
        conditions: tuple[Condition, ...] | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Segment:
        """Change a segment that has one of the `versions`; None stays as it is."""
        ...

    @command(errors=(SegmentNotFound, VersionMismatch))
    def delete(self, segment_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a segment that has one of the `versions`; its contacts stay."""
        ...
