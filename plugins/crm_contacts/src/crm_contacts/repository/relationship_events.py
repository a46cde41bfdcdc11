"""What is published of relationships, whoever makes or takes them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm_contacts.contract import ContactsRelated, ContactsUnrelated, Relationship
from meishi.sdk.context import publish


def publish_related(found: Iterable[Relationship]) -> None:
    """Tell of relationships that there are from now on."""
    publish(*(ContactsRelated(**_facts(item)) for item in found))


def publish_unrelated(found: Iterable[Relationship]) -> None:
    """Tell of relationships that there are no more."""
    publish(*(ContactsUnrelated(**_facts(item)) for item in found))


def _facts(item: Relationship) -> dict[str, Any]:
    return {
        "relationship_id": item.id,
        "source_id": item.source_id,
        "target_id": item.target_id,
        "type": item.type,
    }
