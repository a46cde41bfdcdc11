"""What contacts are to each other: rules, and what is published of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crm_contacts.card_relations import with_relations
from crm_contacts.contract import (
    MAX_PAGE,
    ContactNotFound,
    InvalidRelationship,
    Relationship,
    RelationshipExists,
    RelationshipNotFound,
    RelationshipPage,
    RelationshipType,
)
from crm_contacts.repository import card_relations, reading, relationships
from crm_contacts.repository.access import check_writable, refusal
from crm_contacts.repository.relationship_events import publish_related, publish_unrelated
from crm_contacts.validation import note_errors
from meishi.sdk.contract import FieldError, VersionMismatch, check_version
from meishi.sdk.plugin import PluginContext


class RelationshipService:
    """Implements `Relationships`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def create(
        self,
        source_id: UUID,
        target_id: UUID,
        type: RelationshipType,  # noqa: A002 (the contract's name)
        *,
        note: str | None = None,
    ) -> Relationship:
        """Relate a contact to another one; nobody deletes one of them meanwhile."""
        _check(source_id, target_id, note)
        there = relationships.lock_contacts([source_id, target_id])
        for contact_id in (source_id, target_id):
            if contact_id not in there:
                raise refusal(contact_id)
        new = Relationship(
            id=self._new_id(),
            source_id=source_id,
            target_id=target_id,
            type=type,
            note=note,
            version=1,
            created_at=self._clock(),
        )
        if not relationships.add(new):
            raise RelationshipExists(f"{target_id} is {type.value} of {source_id} already.")
        publish_related([new])
        return new

    def delete(self, relationship_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take a relationship away, if it has one of the `versions`; None stands for any."""
        found = relationships.delete(relationship_id, versions)
        if found is None:
            stored = self.get(relationship_id)
            check_version(stored.version, versions)
            check_writable([stored.source_id, stored.target_id])
            raise VersionMismatch(
                f"The relationship {relationship_id} has just been changed; read it again."
            )
        publish_unrelated([found])

    def get(self, relationship_id: UUID) -> Relationship:
        """Return one relationship."""
        found = relationships.get(relationship_id)
        if found is None:
            raise RelationshipNotFound(
                f"There is no relationship {relationship_id} in this workspace."
            )
        return found

    def list(
        self,
        *,
        contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> RelationshipPage:
        """Return relationships in order of creation: of one contact, or all."""
        if contact_id is not None and reading.get(contact_id) is None:
            raise _no_contact(contact_id)
        size = max(1, min(limit, MAX_PAGE))
        items = relationships.page(contact_id, after, size + 1)
        return RelationshipPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=relationships.count(contact_id) if with_total else None,
        )

    def find(self, relationship_ids: tuple[UUID, ...]) -> tuple[Relationship, ...]:
        """Return those of these relationships that there are, in no order."""
        return tuple(relationships.get_many(relationship_ids))


def told_of(documents: Sequence[bytes]) -> Sequence[bytes]:
    """Return documents of contacts with their relationships to others among the raw."""
    ids = [msgspec.json.decode(item, type=_Identified).id for item in documents]
    told = card_relations.told(ids)
    return [
        with_relations(item, told[found]) if found in told else item
        for found, item in zip(ids, documents, strict=True)
    ]


class _Identified(msgspec.Struct):
    """What of a document says whose it is."""

    id: UUID


def _check(source_id: UUID, target_id: UUID, note: str | None) -> None:
    errors = list(note_errors(note))
    if source_id == target_id:
        errors.append(FieldError("/target_id", "invalid", "Name another contact."))
    if errors:
        raise InvalidRelationship("Such a relationship cannot be stored.", errors=errors)


def _no_contact(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
