"""What the enrichment service publishes: which field of which contact, never the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_enrichment.contract.fields import Field
from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn(Event):
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    proposal_id: UUID
    field: Field
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCreated(_Turn):
    """Something was found about a contact, and waits for a decision."""

    event_type: ClassVar[str] = "proposal.created.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalApplied(_Turn):
    """What was found was taken over."""

    event_type: ClassVar[str] = "proposal.applied.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalReverted(_Turn):
    """What was taken over was taken back."""

    event_type: ClassVar[str] = "proposal.reverted.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRejected(_Turn):
    """What was found was turned down; it is not proposed again from the same source."""

    event_type: ClassVar[str] = "proposal.rejected.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(Event):
    """A search that somebody asked for has ended; how much it found."""

    event_type: ClassVar[str] = "enrichment.run_completed.v1"
    subject: ClassVar[str] = "run_id"

    run_id: UUID
    contacts: int
    proposed: int
    applied: int
