"""Edits of many contacts at once, by their ids or by what filters a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import BulkEditNotFound, InvalidBulkEdit, InvalidContactQuery
from meishi.sdk.contract import Condition, command


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What is done to each contact, by the ids of tags and lists.

    With `owner_id` it is handed over to a member, as far as that is for who acts to decide.
    """

    add_tags: tuple[UUID, ...] = ()
    remove_tags: tuple[UUID, ...] = ()
    add_to_lists: tuple[UUID, ...] = ()
    remove_from_lists: tuple[UUID, ...] = ()
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEditProgress:
    """How many contacts were looked at, how many of them changed, and whether that is all."""

    done: int
    changed: int
    total: int | None
    finished: bool


class BulkEdits(Protocol):
    """Edits of many contacts of the current workspace, in steps."""

    @command(errors=(InvalidBulkEdit,))
    def start(
        self,
        edits: Edits,
        *,
        contact_ids: tuple[UUID, ...] | None = None,
        conditions: tuple[Condition, ...] | None = None,
    ) -> UUID:
        """Ask for edits of contacts, and return the operation that does them.

        `conditions` are those of `ContactDocuments.list`; `contact_ids` or they are given.
        Contacts that change meanwhile are dealt with as they are when it is their turn; a segment
        asks for what it asks now.

        :raises InvalidBulkEdit: if nothing is to be done, or the contacts cannot be told
        """
        ...

    @command(errors=(BulkEditNotFound, InvalidContactQuery))
    def step(self, edit_id: UUID) -> BulkEditProgress:
        """Edit the next five hundred contacts; emits `contact.updated.v1` for what changes.

        What is known of the edit is deleted with its last step.

        :raises InvalidContactQuery: if a custom field that the conditions ask for is gone by now
        """
        ...
