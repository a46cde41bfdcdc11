"""What became of contacts: who changed which field, from what to what, and where that came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import (
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    InvalidContact,
    PersonSuppressed,
)
from crm_contacts.contract.sharing import SharingRefused
from crm_contacts.contract.values import ChangeSource, Contact
from meishi.sdk.contract import DomainError, VersionMismatch, command, query


class ChangeNotFound(DomainError):
    """No such change in the history of this contact."""

    code = "change-not-found"
    title = "Change not found"
    status = 404


class ChangedSince(DomainError):
    """Fields that are to be put back say something else by now; `errors` names them."""

    code = "changed-since"
    title = "Changed again since"
    status = 409


class InvalidRevert(DomainError):
    """There is nothing in the change that could be put back, or not what was asked for."""

    code = "invalid-revert"
    title = "Nothing to put back"
    status = 422


class ChangeAction(StrEnum):
    """What was done to a contact; of two that are merged, one is updated and one deleted."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    RESTORED = "restored"


class ActorKind(StrEnum):
    """Who did it: a user, be it by a token; a visitor of a public page; or a service."""

    USER = "user"
    VISITOR = "visitor"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What a change did to one field of a contact.

    `field` is a field of `ContactDraft`, or `custom.KEY`. `before` and `after` are JSON texts, as
    the contact's document has the field; `null` where it had nothing. Of an `erased` one both are
    `null`, since they told of a person who was erased.
    """

    field: str
    before: str
    after: str
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One change of a contact, which made its `version`.

    `source_id` is the import, the merge, the run, the edit of many or the reverted change that it
    came from, `source_row` the row of the import. `actor_id` is the user who did it, if one did.
    What a contact says when it is created stands in no record: it is what it says now, without
    what changed since.
    """

    id: UUID
    contact_id: UUID
    version: int
    at: datetime
    action: ChangeAction
    source: ChangeSource
    source_id: UUID | None
    source_row: int | None
    actor: ActorKind
    actor_id: UUID | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Changes of a contact, newest first; `next_after` is None on the last page."""

    items: tuple[ChangeRecord, ...]
    next_after: UUID | None
    total: int | None = None


class History(Protocol):
    """What became of the contacts of the current workspace.

    A change is recorded with it, or not at all. What was before histories were kept is not known.
    """

    @query(errors=(ContactNotFound,))
    def list(
        self,
        contact_id: UUID,
        *,
        after: UUID | None = None,
        limit: int = 50,
        field: str | None = None,
        with_total: bool = False,
    ) -> HistoryPage:
        """Return the changes of a contact, or of one field, newest first, behind the one `after`.

        `field` is one of `ContactDraft`, or `custom.KEY`; `custom` stands for all of these. A
        contact that was merged into another has its own history still.
        """
        ...

    @query(errors=(ChangeNotFound,))
    def get(self, contact_id: UUID, change_id: UUID) -> ChangeRecord:
        """Return one change of a contact."""
        ...

    @command(
        errors=(
            ChangedSince,
            ChangeNotFound,
            ContactNotFound,
            ContactReadOnly,
            ContactUidTaken,
            InvalidContact,
            InvalidRevert,
            PersonSuppressed,
            SharingRefused,
            VersionMismatch,
        )
    )
    def revert(
        self,
        contact_id: UUID,
        change_id: UUID,
        *,
        fields: tuple[str, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Contact:
        """Put the fields of a change back to what they were before it, and return the contact.

        That is a change of its own, with its record and `contact.updated.v1`; where nothing is to
        be done, the contact stays as it is. Without `fields`, all of the change are put back.

        :raises ChangedSince: if one of them says by now what the change did not leave it with;
            those that are named in `fields` are put back nevertheless
        :raises InvalidRevert: if the change has no such fields, or their values were erased
        :raises VersionMismatch: if the contact has none of the `versions`; None stands for any
        """
        ...
