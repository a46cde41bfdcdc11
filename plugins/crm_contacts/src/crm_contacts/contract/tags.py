"""Tags: words that a workspace puts on its contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import InvalidTag, TagNameTaken, TagNotFound
from meishi.sdk.contract import VersionMismatch, command, query


class TagColour(StrEnum):
    """The colours in which tags are shown."""

    GRAY = "gray"
    BLUE = "blue"
    CYAN = "cyan"
    TEAL = "teal"
    GREEN = "green"
    LIME = "lime"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    PINK = "pink"
    PURPLE = "purple"
    INDIGO = "indigo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag; its name is that of no other one in the workspace, whatever the case."""

    id: UUID
    name: str
    colour: TagColour
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPage:
    """Tags in order of creation; `next_after` is None on the last page."""

    items: tuple[Tag, ...]
    next_after: UUID | None
    total: int | None = None


class Tags(Protocol):
    """The tags of the current workspace.

    What contacts have stands in the contacts, by name (`Contact.tags`). A name that is new there
    becomes a tag. What changes on contacts here emits `contact.updated.v1` for each of them.
    """

    @command(errors=(InvalidTag, TagNameTaken))
    def create(self, name: str, *, colour: TagColour = TagColour.GRAY) -> Tag:
        """Make a tag.

        :raises InvalidTag: if the name is blank, long or no text, or there are too many tags
        :raises TagNameTaken: if there is a tag with that name
        """
        ...

    @query(errors=(TagNotFound,))
    def get(self, tag_id: UUID) -> Tag:
        """Return one tag."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> TagPage:
        """Return tags in order of creation, from behind the tag `after`."""
        ...

    @query()
    def on(self, contact_ids: tuple[UUID, ...]) -> tuple[Tag, ...]:
        """Return the tags that one of these contacts has, by name."""
        ...

    @command(errors=(InvalidTag, TagNameTaken, TagNotFound, VersionMismatch))
    def update(
        self,
        tag_id: UUID,
        *,
        name: str | None = None,
        colour: TagColour | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Tag:
        """Change name or colour (None: it stays) of a tag that has one of the `versions`.

        All contacts with the tag change with its name, in one transaction.
        """
        ...

    @command(errors=(InvalidTag, TagNotFound))
    def merge(self, tag_id: UUID, merged_ids: tuple[UUID, ...]) -> Tag:
        """Put a tag on all contacts that have one of some others, and delete these."""
        ...

    @command(errors=(TagNotFound, VersionMismatch))
    def delete(self, tag_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a tag that has one of the `versions`, and take it off all contacts."""
        ...
