"""Mappings that are kept for the next file with the same columns."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import MAX_PAGE, KeptMappingNotFound, KeptMappingPage
from crm_contacts.repository import kept_mappings
from meishi.sdk.plugin import PluginContext


class KeptMappingService:
    """Implements `KeptMappings`."""

    def __init__(self, context: PluginContext) -> None:
        """Take nothing of the context."""

    def list(self, *, after: UUID | None = None, limit: int = 50) -> KeptMappingPage:
        """Return kept mappings in order of their ids."""
        size = max(1, min(limit, MAX_PAGE))
        items = kept_mappings.page(after, size + 1)
        more = len(items) > size
        return KeptMappingPage(
            items=tuple(items[:size]), next_after=items[size - 1].id if more else None
        )

    def forget(self, mapping_id: UUID) -> None:
        """Forget a mapping."""
        if not kept_mappings.delete(mapping_id):
            raise KeptMappingNotFound(f"There is no kept mapping {mapping_id} in this workspace.")
