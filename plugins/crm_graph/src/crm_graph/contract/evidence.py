"""What makes a tie, and who supplies it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from uuid import UUID

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason to think that two contacts know each other.

    `key` is what its source calls it; recorded again, it takes the place of what was recorded
    before. It comes from `source_id`, unless it is `mutual`. What happened at `occurred_at` fades,
    what has no time counts in full as long as it stands.
    """

    key: str
    source_id: UUID
    target_id: UUID
    mutual: bool = False
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePage:
    """Some of the evidence of a source; `next_after` is None on the last page."""

    items: tuple[Evidence, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TieSource:
    """A source of evidence: what the hook `graph_tie_sources` returns.

    `name` is a word of lower-case letters, digits and underscores, unique among the plugin's own.
    `weight` is that of each piece, where being colleagues of one other person is 1. `read` returns
    a page of what there is in the current workspace, from behind the place that the page before
    named; it is asked where the graph begins later than the source. What happens from then on, the
    source records by `Ties.record`.
    """

    name: str
    title: str
    read: Callable[[str | None], EvidencePage]
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what ties could not be made of, or found again by."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a source of ties must not be called {self.name!r}")
        if not (isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"the source of ties {self.name!r} must weigh something")
