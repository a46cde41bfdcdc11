"""Storing what was planned: each kind of turn for all contacts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_enrichment.contact_changes import value_in
from crm_enrichment.contract import (
    CONTACT_FIELDS,
    LIST_FIELDS,
    ProposalApplied,
    ProposalCreated,
)
from crm_enrichment.policy import Candidate, Plan
from crm_enrichment.repository import transitions
from crm_enrichment.repository.transitions import Turned
from meishi.sdk.context import publish


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking about so many contacts has come to; `failed` are providers."""

    contacts: int
    proposed: int
    applied: int
    failed: tuple[str, ...] = ()


def store(
    plans: Sequence[Plan], now: datetime, new_id: Callable[[], UUID], run_id: UUID | None
) -> Outcome:
    """Write what was planned, and publish what has come to wait and what was taken over."""
    transitions.lock([item.contact.id for item in plans])
    transitions.unmark([each for item in plans for each in item.unmarked])
    transitions.drop([each for item in plans for each in item.dropped])
    transitions.supersede([each for item in plans for each in item.superseded], now)
    transitions.refresh(
        [_row(each, known) for item in plans for known, each in item.refreshed], now
    )
    waiting = [_row(each, new_id()) for item in plans for each in item.proposed]
    added = transitions.add(waiting, now, run_id)
    sure = {new_id(): (item, each) for item in plans for each in item.applied}
    transitions.add([_row(each, known) for known, (_, each) in sure.items()], now, run_id)
    applied = transitions.apply({known: _replaced(*pair) for known, pair in sure.items()}, now)
    publish(
        *(ProposalCreated(**event_fields(turned)) for turned in added),
        *(ProposalApplied(**event_fields(turned)) for turned in applied),
    )
    return Outcome(len(plans), len(added), len(applied))


def event_fields(turned: Turned) -> dict[str, Any]:
    """Return what events say of a turn."""
    return {
        "contact_id": turned.contact_id,
        "proposal_id": turned.id,
        "field": turned.field,
        "provider": turned.provider,
    }


def _row(item: Candidate, proposal_id: UUID) -> dict[str, Any]:
    finding = item.finding
    return {
        "id": proposal_id,
        "contact_id": finding.contact_id,
        "field": finding.field.value,
        "value": finding.value,
        "value_key": item.key,
        "provider": item.provider,
        "method": finding.method,
        "source": finding.source,
        "quote": finding.quote,
        "confidence": finding.confidence,
        "observed_at": finding.observed_at,
        "expires_at": finding.expires_at,
    }


def _replaced(plan: Plan, item: Candidate) -> str | None:
    """Return what the contact said where something is taken over; lists lose nothing."""
    about = item.finding.field
    if about in LIST_FIELDS or about not in CONTACT_FIELDS:
        return None
    return value_in(plan.contact, about)
