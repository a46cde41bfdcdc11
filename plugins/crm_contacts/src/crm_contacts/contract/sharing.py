"""Whose contacts are, and who sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound, ContactReadOnly
from crm_contacts.contract.values import MAX_PAGE, Access, Visibility
from meishi.sdk.contract import DomainError, VersionMismatch, command, query

#: About how many contacts is asked at once whether they are hidden.
MAX_HIDDEN = 5 * MAX_PAGE


class SharingRefused(DomainError):
    """Whose a contact is, and who sees it, is decided by its owner and by who oversees contacts."""

    code = "sharing-refused"
    title = "Sharing is the owner's matter"
    status = 403


class InvalidSharing(DomainError):
    """Somebody who is named is no member of the workspace, or it is shared with nobody to see."""

    code = "invalid-sharing"
    title = "Invalid sharing"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Somebody who sees a private contact besides its owner, and whether they may change it."""

    user_id: UUID
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Whose a contact is, and who sees it; `version` is that of the contact.

    A contact without an owner is the workspace's. `shared_with` is in the order of ids, and empty
    where the whole workspace sees the contact.
    """

    contact_id: UUID
    version: int
    owner_id: UUID | None
    visibility: Visibility
    shared_with: tuple[Share, ...] = ()


class Sharings(Protocol):
    """Whose the contacts of the current workspace are, and who sees them.

    The database shows a private contact, and all that belongs to it, to nobody else: to them it is
    not there. The system, and who has the permission `oversee`, see all.
    """

    @query(errors=(ContactNotFound,))
    def get(self, contact_id: UUID) -> Sharing:
        """Return whose a contact is, and who sees it."""
        ...

    @query(errors=(ContactNotFound,))
    def may_change(self, contact_id: UUID) -> bool:
        """Whether who acts may decide that: the owner, and who oversees contacts.

        Of a contact that has no owner and that everybody sees, anybody who may write contacts.
        """
        ...

    @query()
    def hidden(self, contact_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        """Return those of at most `MAX_HIDDEN` contacts that are kept from who acts.

        They are there, or deleted; of erased ones and strangers nobody knows anything. For modules
        that know something of contacts themselves: they show nothing of these.

        :raises ValueError: if it is asked about more of them
        """
        ...

    @command(
        errors=(ContactNotFound, ContactReadOnly, InvalidSharing, SharingRefused, VersionMismatch)
    )
    def put(
        self,
        contact_id: UUID,
        *,
        owner_id: UUID | None,
        visibility: Visibility,
        shared_with: tuple[Share, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Sharing:
        """Decide whose a contact is and who sees it; emits `contact.updated.v1` if that differs.

        Whoever gives a private contact to somebody else sees it no more, unless they share it with
        themselves. Those that are named already may have left the workspace since.

        :raises InvalidSharing: if somebody is named who is no member, or too many are
        :raises SharingRefused: if it is not theirs to decide
        :raises VersionMismatch: if the contact has none of the `versions`; None stands for any
        """
        ...
