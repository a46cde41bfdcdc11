"""Edits of many contacts at once, by their ids or by what filters or searches a list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from msgspec import UNSET, UnsetType

from crm_contacts.contract.errors import BulkEditNotFound, InvalidBulkEdit, InvalidContactQuery
from crm_contacts.contract.values import ContactKind, CustomValue, Visibility
from meishi.sdk.contract import Condition, command


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdits:
    """What the fields of each contact say from now on; what is unset stays, None empties a text.

    Of `custom`, values that are not named stay, too; None takes one away. Jobs follow as with
    `ContactChanges`.
    """

    kind: ContactKind | UnsetType = UNSET
    organisation: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    role: str | UnsetType | None = UNSET
    custom: tuple[tuple[str, CustomValue | None], ...] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What is done to each contact, by the ids of tags and lists.

    With `owner_id` it is handed over to a member, and with `visibility` shown to everybody or kept
    from all but its owner, as far as that is for who acts to decide. `deleted` is said alone: true
    deletes contacts, false restores deleted ones.
    """

    add_tags: tuple[UUID, ...] = ()
    remove_tags: tuple[UUID, ...] = ()
    add_to_lists: tuple[UUID, ...] = ()
    remove_from_lists: tuple[UUID, ...] = ()
    owner_id: UUID | None = None
    visibility: Visibility | None = None
    changes: FieldEdits | None = None
    deleted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEditProgress:
    """How many contacts were looked at, how many of them changed, and whether that is all.

    `passed_over` counts those with which something could not be done, by the reason: the code of
    an error, or `too-many-tags`, or `contact-merged` for who is another one by now. All others said
    already what they were to say.
    """

    done: int
    changed: int
    total: int | None
    finished: bool
    passed_over: tuple[tuple[str, int], ...] = ()


class BulkEdits(Protocol):
    """Edits of many contacts of the current workspace, in steps."""

    @command(errors=(InvalidBulkEdit,))
    def start(
        self,
        edits: Edits,
        *,
        contact_ids: tuple[UUID, ...] | None = None,
        conditions: tuple[Condition, ...] | None = None,
        text: str | None = None,
    ) -> UUID:
        """Ask for edits of contacts, and return the operation that does them.

        `conditions` are those of `ContactDocuments.list`, and `text` what is searched for; either
        they or `contact_ids` are given. Contacts that change meanwhile are dealt with as they are
        when it is their turn; a segment asks for what it asks now, and a search for whom it finds
        now. Those that are restored are the deleted ones that fit.

        :raises InvalidBulkEdit: if nothing is to be done, or the contacts cannot be told
        """
        ...

    @command(errors=(BulkEditNotFound, InvalidContactQuery))
    def step(self, edit_id: UUID) -> BulkEditProgress:
        """Edit the next contacts, at most five hundred; emits what happens to them.

        What is known of the edit is deleted with its last step.

        :raises InvalidContactQuery: if a custom field that the conditions ask for is gone by now
        """
        ...
