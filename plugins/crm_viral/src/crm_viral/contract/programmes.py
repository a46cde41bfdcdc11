"""Programmes: what is promised, and how they grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

#: Items of a page at most.
MAX_PAGE = 200


class ProgrammeState(StrEnum):
    """Whether a programme counts what happens; its links lead to the sign-up in any case."""

    LIVE = "live"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRules:
    """What a programme promises.

    Amounts are whole numbers of the smallest `unit`. A touch counts for a sign-up within
    `window_days`. `person_cap` is what one referrer gets at most, `budget` what all get together;
    None is no limit.
    """

    name: str
    starts_at: datetime
    ends_at: datetime | None = None
    state: ProgrammeState = ProgrammeState.LIVE
    unit: str = "credit"
    referrer_reward: int = 0
    referee_reward: int = 0
    window_days: int = 30
    person_cap: int | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeChanges:
    """What of a programme becomes something else."""

    name: str | UnsetType = UNSET
    starts_at: datetime | UnsetType = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    state: ProgrammeState | UnsetType = UNSET
    referrer_reward: int | UnsetType = UNSET
    referee_reward: int | UnsetType = UNSET
    window_days: int | UnsetType = UNSET
    person_cap: int | UnsetType | None = UNSET
    budget: int | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme, and what of its budget is spent.

    `rule_version` grows whenever what is promised changes; what was promised before stays.
    """

    id: UUID
    rules: ProgrammeRules
    rule_version: int
    spent: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage:
    """Programmes in order of creation; `next_after` is None on the last page."""

    items: tuple[Programme, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Participants who joined in a span of time, watched for as many days each."""

    programme_id: UUID
    since: datetime
    until: datetime
    horizon_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How a cohort grows: each member brings `k` new people, between `k_low` and `k_high`.

    `invitations` per member times `conversion` of these is `k`. Only members whom the whole
    horizon has passed are counted; without any, there are no numbers.
    """

    members: int
    invitations: int
    activated: int
    invitations_each: float | None
    conversion: float | None
    k: float | None
    k_low: float | None
    k_high: float | None
    confidence: float
