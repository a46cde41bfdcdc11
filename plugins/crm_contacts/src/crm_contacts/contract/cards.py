"""Cards on their way in, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class CardStatus(StrEnum):
    """What became of one card of an import; those updated and unchanged are duplicates."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """One vCard as it stands in its source; with a `fault` it is known to be unusable."""

    index: int
    line: int
    content: bytes
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOutcome:
    """What became of one card: its place in the source and, if rejected, why and its text.

    Of one that came in, the reason tells why some values are no more than raw properties.

    Of a `suppressed` one, which is about somebody who was erased, the text is not kept.
    """

    index: int
    line: int
    status: CardStatus
    name: str | None = None
    contact_id: UUID | None = None
    reason: str | None = None
    original: str | None = None
    suppressed: bool = False
