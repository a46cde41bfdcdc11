"""Relationships as evidence: who is what to whom says how well they know each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_contacts.contract import Relationship
from crm_graph.contract import Evidence
from crm_graph.kinship import is_mutual, relationship_weight
from crm_graph.repository import evidence
from crm_graph.repository.evidence import Pair

RELATIONSHIP = "relationship"


def put(relationship_ids: Sequence[UUID], found: Iterable[Relationship]) -> set[Pair]:
    """Know these relationships as they were found, and those no more that were not."""
    items = [(_evidence(item), relationship_weight(item.type.value)) for item in found]
    there = {item.key for item, _ in items}
    gone = [key for one in relationship_ids if (key := str(one)) not in there]
    return evidence.remove(RELATIONSHIP, gone) | evidence.put(RELATIONSHIP, items)


def _evidence(item: Relationship) -> Evidence:
    return Evidence(
        key=str(item.id),
        source_id=item.source_id,
        target_id=item.target_id,
        mutual=is_mutual(item.type.value),
    )
