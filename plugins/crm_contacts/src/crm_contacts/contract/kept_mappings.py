"""Mappings that are kept for the next file with the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.import_errors import KeptMappingNotFound
from crm_contacts.contract.import_mappings import ImportMapping
from meishi.sdk.contract import command, query

#: Mappings that a workspace keeps; of more, those that were used longest ago are forgotten.
MAX_KEPT_MAPPINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMapping:
    """What the columns with these headings became in an import, the last of which began then."""

    id: UUID
    headings: tuple[str, ...]
    mapping: ImportMapping
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMappingPage:
    """Kept mappings in order of their ids; `next_after` is None on the last page."""

    items: tuple[KeptMapping, ...]
    next_after: UUID | None


class KeptMappings(Protocol):
    """Mappings of imports that have begun, by the headings of their tables.

    They are proposed for the next table with the same headings in the same order, whatever their
    case and white space. Those of tables without a header are not kept.
    """

    @query()
    def list(self, *, after: UUID | None = None, limit: int = 50) -> KeptMappingPage:
        """Return kept mappings, from behind the one with the id `after`."""
        ...

    @command(errors=(KeptMappingNotFound,))
    def forget(self, mapping_id: UUID) -> None:
        """Forget a mapping; imports that have it already go on with it."""
        ...
