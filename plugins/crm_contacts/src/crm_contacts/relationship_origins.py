"""Which import made a relationship: its id says so, and no other knows it by chance."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from crm_contacts.contract import Relationship, RelationshipType

#: The random bits at the end of a UUID of version 7; what stands before them is its time.
_BITS = 62
_TAIL = (1 << _BITS) - 1


def imported_id(
    new_id: UUID, import_id: UUID, source_id: UUID, target_id: UUID, kind: RelationshipType
) -> UUID:
    """Return the id of a relationship that an import makes, at the time of a new id."""
    tail = _tail(import_id, source_id, target_id, kind)
    return UUID(int=new_id.int & ~_TAIL | tail)


def is_imported(found: Relationship, import_id: UUID) -> bool:
    """Whether an import made a relationship, and neither end was merged into another since."""
    tail = _tail(import_id, found.source_id, found.target_id, found.type)
    return found.id.int & _TAIL == tail


def _tail(import_id: UUID, source_id: UUID, target_id: UUID, kind: RelationshipType) -> int:
    said = import_id.bytes + source_id.bytes + target_id.bytes + kind.value.encode()
    return int.from_bytes(sha256(said).digest()) & _TAIL
