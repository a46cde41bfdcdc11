"""Rewards: the ledger, and what is on its way into one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from crm_viral.contract.conversions import RewardRule


class EntryKind(StrEnum):
    """What a line of the ledger does."""

    ACCRUE = "accrue"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A line of this workspace's ledger; a reversal has a negative amount, and names its cause."""

    id: UUID
    kind: EntryKind
    rule: RewardRule
    programme_id: UUID
    conversion_id: UUID
    beneficiary_id: UUID
    amount: int
    unit: str
    rule_version: int
    cause_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPage:
    """The ledger in its order."""

    items: tuple[Reward, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReward:
    """The referee's side of a reward, on its way into their workspace."""

    conversion_id: UUID
    programme_id: UUID
    beneficiary_id: UUID
    amount: int
    unit: str
    rule_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A user, and the workspace in which they get what they are owed."""

    user_id: UUID
    workspace_id: UUID
