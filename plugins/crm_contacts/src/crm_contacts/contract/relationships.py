"""Relationships between contacts: typed, directed, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import (
    ContactNotFound,
    ContactReadOnly,
    InvalidRelationship,
    RelationshipExists,
    RelationshipNotFound,
)
from meishi.sdk.contract import VersionMismatch, command, query


class RelationshipType(StrEnum):
    """What somebody is to a contact (the types of vCard's RELATED, RFC 6350, 6.6.6)."""

    CONTACT = "contact"
    ACQUAINTANCE = "acquaintance"
    FRIEND = "friend"
    MET = "met"
    CO_WORKER = "co-worker"
    COLLEAGUE = "colleague"
    CO_RESIDENT = "co-resident"
    NEIGHBOR = "neighbor"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    SPOUSE = "spouse"
    KIN = "kin"
    MUSE = "muse"
    CRUSH = "crush"
    DATE = "date"
    SWEETHEART = "sweetheart"
    ME = "me"
    AGENT = "agent"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """What the target is to the source, as a RELATED in the source's vCard would say."""

    id: UUID
    source_id: UUID
    target_id: UUID
    type: RelationshipType
    note: str | None
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipPage:
    """Relationships in order of creation; `next_after` is None on the last page."""

    items: tuple[Relationship, ...]
    next_after: UUID | None
    total: int | None = None


class Relationships(Protocol):
    """Relationships between contacts of the current workspace.

    Those of a deleted contact are not there until it is restored. Those of contacts that are
    merged into another one are its own from then on.
    """

    @command(errors=(ContactNotFound, ContactReadOnly, InvalidRelationship, RelationshipExists))
    def create(
        self,
        source_id: UUID,
        target_id: UUID,
        type: RelationshipType,  # noqa: A002 (so it is called in a vCard, and in the API)
        *,
        note: str | None = None,
    ) -> Relationship:
        """Relate a contact to another one; emits `contact.related.v1`.

        :raises InvalidRelationship: if both are the same contact, or the note cannot be stored
        :raises RelationshipExists: if the source has such a relationship to the target already
        """
        ...

    @command(errors=(ContactReadOnly, RelationshipNotFound, VersionMismatch))
    def delete(self, relationship_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take a relationship away, if it has one of the `versions`; None stands for any.

        Emits `contact.unrelated.v1`.
        """
        ...

    @query(errors=(RelationshipNotFound,))
    def get(self, relationship_id: UUID) -> Relationship:
        """Return one relationship."""
        ...

    @query(errors=(ContactNotFound,))
    def list(
        self,
        *,
        contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> RelationshipPage:
        """Return relationships in order of creation, from behind the relationship `after`.

        Those with the contact at either end, or without one those of the workspace.
        """
        ...

    @query()
    def find(self, relationship_ids: tuple[UUID, ...]) -> tuple[Relationship, ...]:
        """Return those of these relationships that there are, in no order."""
        ...
