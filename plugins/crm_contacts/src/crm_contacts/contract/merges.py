"""Merging contacts, seeing before what comes of it, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.consents import ConsentChannel, ConsentState
from crm_contacts.contract.errors import (
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    InvalidContact,
    MergedFurther,
    NotMerged,
)
from crm_contacts.contract.sharing import SharingRefused
from crm_contacts.contract.values import Contact
from meishi.sdk.contract import VersionMismatch, command, query

#: Fields of which a merged contact has one value, so that somebody may choose whose.
CHOICES = (
    "name", "kind", "uid", "organisation", "title", "role", "birthday", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """Whose value a field is to have: one of `CHOICES`, of one of the contacts."""

    field: str
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """What a contact says in a field, as text."""

    contact_id: UUID
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConflict:
    """A field in which contacts say different things; the others' words go to `raw`."""

    field: str
    values: tuple[FieldValue, ...]
    chosen_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidConsent:
    """What a contact has said to a channel."""

    contact_id: UUID
    state: ConsentState


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedConsent:
    """A channel to which contacts have not said the same; the strictest `state` would count."""

    channel: ConsentChannel
    values: tuple[SaidConsent, ...]
    state: ConsentState


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What a merge would come to; nothing is changed.

    `relationships` are those of the others that would be the contact's, `dropped` of them those
    that would lead to itself or stand there twice. `photo_of` is the contact whose photo it would
    have: its own if it has one, else that of the first of the others with one. Photos of imported
    cards that still wait are not among them.
    """

    contact: Contact
    conflicts: tuple[FieldConflict, ...]
    relationships: int
    dropped: int
    consents: tuple[MergedConsent, ...] = ()
    photo_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedContact:
    """A contact that was merged into another; `reversible` if that can be taken back."""

    contact_id: UUID
    name: str
    merged_at: datetime
    reversible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """Something that stays as it is although the merge is taken back, and why."""

    field: str
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeReport:
    """A contact that is back as it was, and what of the other one could not be taken back.

    `relationships` are as many as are its own again. What other modules give back they do soon
    after; the audit tells of it (`unmerge-followed`).
    """

    contact: Contact
    target_id: UUID
    kept: tuple[KeptChange, ...]
    relationships: int


class Merges(Protocol):
    """Contacts of the current workspace that turn out to be one, or not to be so after all."""

    @query(errors=(ContactNotFound, InvalidContact))
    def preview(
        self,
        contact_id: UUID,
        merged_ids: tuple[UUID, ...],
        *,
        choices: tuple[FieldChoice, ...] = (),
    ) -> MergePreview:
        """Return what a merge would come to."""
        ...

    @command(
        errors=(
            ContactNotFound,
            ContactReadOnly,
            InvalidContact,
            ContactUidTaken,
            SharingRefused,
            VersionMismatch,
        )
    )
    def merge(
        self,
        contact_id: UUID,
        merged_ids: tuple[UUID, ...],
        *,
        choices: tuple[FieldChoice, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Contact:
        """Add to a contact what others say, and delete these; emits `contact.merged.v1`.

        As `Contacts.merge`; a field that was chosen has the value of the contact that was named,
        and what the contact said itself becomes a raw property.
        """
        ...

    @command(
        errors=(
            ContactNotFound, ContactReadOnly, ContactUidTaken, InvalidContact, MergedFurther,
            NotMerged, VersionMismatch,
        )
    )  # fmt: skip
    def unmerge(self, contact_id: UUID) -> UnmergeReport:
        """Bring a merged contact back as it was, and take from the other one what it added.

        What somebody has changed since stays with the other one, and is in the report. Emits
        `contact.unmerged.v1`, `contact.restored.v1`, and `contact.updated.v1` of the other one if
        anything is taken from it.

        :raises NotMerged: if the contact is not merged, or nobody knows any more what it added
        :raises MergedFurther: if the one that took it was merged into a third since
        """
        ...

    @query()
    def merged_into(self, contact_id: UUID) -> UUID | None:
        """Return the contact that one was merged into, if it is there."""
        ...

    @query()
    def of_contact(self, contact_id: UUID) -> tuple[MergedContact, ...]:
        """Return what was merged into a contact, the latest first; a hundred at most."""
        ...
