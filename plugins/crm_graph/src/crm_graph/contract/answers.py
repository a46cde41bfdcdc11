"""What the graph answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact as a node of the graph."""

    id: UUID
    name: str
    organisation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TieParts:
    """What contributed how much to the strength of a tie; the sum of all is the strength.

    `interaction` is how much there is between the two (at most 0.6), `reciprocity` whether it goes
    both ways, `overlap` how many others both know (at most 0.2 each).
    """

    interaction: float
    reciprocity: float
    overlap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TieReason:
    """What one source knows of a tie: how much, what it weighs today, and when it was last."""

    source: str
    count: int
    weight: float
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """How strongly two people are connected, from 0 to 1, and why."""

    source: Person
    target: Person
    strength: float
    parts: TieParts
    common: int
    reasons: tuple[TieReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A way of introductions; `strengths` are those of its ties, `strength` is their product."""

    people: tuple[Person, ...]
    strengths: tuple[float, ...]
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Somebody to know: the score, and those known to both who contribute most to it."""

    person: Person
    score: float
    through: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """People with more ties among each other than to others; the id stays as they change.

    The name is made of the organisations that most of them belong to, None if there are none.
    """

    id: int
    name: str | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityList:
    """The communities, largest first, as they were found at some version of the graph.

    Both are None as long as nothing was computed; `current_version` is that of the graph now.
    """

    version: int | None
    current_version: int
    modularity: float | None
    computed_at: datetime | None
    items: tuple[Community, ...]
