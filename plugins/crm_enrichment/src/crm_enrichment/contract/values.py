"""Proposals, what has come of them, and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from crm_enrichment.contract.fields import Field, Method

MAX_PAGE = 200
#: Contacts of one run, and proposals that are decided at once.
MAX_RUN = 100
MAX_DECIDED = 100
MAX_VALUE = 400


class ProposalState(StrEnum):
    """What has become of a proposal."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    REVERTED = "reverted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Mode(StrEnum):
    """What a workspace lets be done with what was found."""

    OFF = "off"
    PROPOSE = "propose"
    APPLY = "apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value for a field of a contact, with who found it, how, where and in which words.

    `provider` is named with its plugin: `crm_enrichment.email`. `replaced` is what stood there
    before it was applied. `run_id` is that of the run which found it; None if an event was the
    cause.
    """

    id: UUID
    contact_id: UUID
    field: Field
    value: str
    state: ProposalState
    provider: str
    method: Method
    source: str
    quote: str | None
    confidence: float
    replaced: str | None
    run_id: UUID | None
    observed_at: datetime | None
    retrieved_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    decided_by: UUID | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage:
    """Proposals, newest first; `next_after` is None on the last page."""

    items: tuple[Proposal, ...]
    next_after: UUID | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value that was taken over: for a field that is the contact's own it marks that.

    `verified` says that somebody has accepted it.
    """

    contact_id: UUID
    field: Field
    value: str
    proposal_id: UUID
    provider: str
    source: str
    confidence: float
    verified: bool
    applied_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A proposal that was not decided as wanted, and the code and words of why."""

    proposal_id: UUID
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What became of many proposals: those that were decided, and those that could not be."""

    decided: tuple[UUID, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A search for contacts that somebody has asked for, and its report.

    `missing` are contacts that are not there; `failed` names providers that gave nothing because
    they failed.
    """

    id: UUID
    contacts: int
    missing: int
    proposed: int
    applied: int
    failed: tuple[str, ...]
    started_at: datetime
    completed_at: datetime
    requested_by: UUID | None
