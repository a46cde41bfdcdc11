"""What contacts show of what was found about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_enrichment.contract import CONTACT_FIELDS, Field, Proposals
from meishi.sdk.context import service


def load_enrichment(contact_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """Return what was taken over for contacts, all at once; of others nothing."""
    found: dict[UUID, dict[str, Any]] = {}
    for item in service(Proposals).known(tuple(contact_ids)):
        shown = found.setdefault(item.contact_id, _nothing())
        shown["applied"].append(item)
        if item.field not in CONTACT_FIELDS:
            shown[item.field.value] = item.value
    return found


def _nothing() -> dict[str, Any]:
    attributes = {field.value: None for field in Field if field not in CONTACT_FIELDS}
    return {**attributes, "applied": []}
