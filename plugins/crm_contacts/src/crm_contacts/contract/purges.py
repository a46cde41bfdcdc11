"""Deleted contacts that are to be gone for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound, ContactReadOnly
from meishi.sdk.contract import DomainError, command, query


class ContactNotDeleted(DomainError):
    """The contact is not deleted, or it is merged into another one: it is not purged."""

    code = "contact-not-deleted"
    title = "Contact is not deleted"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeStep:
    """How many contacts a step has purged, and whether there are more."""

    purged: int
    more: bool


class Purges(Protocol):
    """The end of deleted contacts of the current workspace: nothing brings them back.

    Of a contact that is purged its id is left, in the feed of changes and in what imports have
    written down; likewise of contacts that are merged into it. `contact.erased.v1` names each of
    them. Nobody is suppressed: who comes in again is a new contact.
    """

    @command(errors=(ContactNotDeleted, ContactNotFound, ContactReadOnly))
    def purge(self, contact_id: UUID) -> None:
        """Purge a deleted contact.

        :raises ContactNotDeleted: if it is not deleted, or merged into another one
        """
        ...

    @query()
    def among(self, contact_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        """Return those of some contacts that are deleted, and not merged into another one."""
        ...

    @query()
    def cutoff(self, days: int) -> datetime:
        """Return the moment that is some days ago."""
        ...

    @query()
    def count(self, before: datetime) -> int:
        """Return how many contacts were deleted before a moment, and can be purged."""
        ...

    @command()
    def purge_before(self, before: datetime) -> PurgeStep:
        """Purge the next of the contacts that were deleted before a moment, in order of creation.

        Those are left out that who acts may not change.
        """
        ...

    @command()
    def purge_due(self) -> PurgeStep:
        """Do the same with what was deleted `purge_deleted_after_days` ago, if that is set."""
        ...

    @command()
    def forget_words(self) -> PurgeStep:
        """Forget the next of the words for the search that no contact has any more."""
        ...
