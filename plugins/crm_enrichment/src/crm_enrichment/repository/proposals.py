"""Reading proposals, and what was taken over of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_enrichment.contract import Field, Known, Method, Proposal, ProposalState
from crm_enrichment.policy import Past
from meishi.sdk.database import execute

_COLUMNS = """
    p.id, p.contact_id, p.field, p.value, p.state, p.provider, p.method, p.source, p.quote,
    p.confidence, p.replaced, p.run_id, p.observed_at, p.retrieved_at, p.expires_at,
    p.decided_at, p.decided_by, p.version
"""
_PAST = """
    SELECT p.id, p.contact_id, p.field, p.value_key, p.provider, p.source, p.state, p.confidence,
        p.quote, p.observed_at, p.expires_at, k.proposal_id IS NOT NULL, p.decided_by IS NOT NULL,
        p.replaces
    FROM crm_enrichment.proposal p
    LEFT JOIN crm_enrichment.known k ON k.proposal_id = p.id
    WHERE p.contact_id = ANY(%(ids)s::uuid[]) ORDER BY p.contact_id, p.id
"""
_KNOWN = """
    SELECT p.contact_id, p.field, p.value, p.id, p.provider, p.source, p.confidence,
        p.decided_by IS NOT NULL, p.decided_at
    FROM crm_enrichment.known k JOIN crm_enrichment.proposal p ON p.id = k.proposal_id
    WHERE k.contact_id = ANY(%(ids)s::uuid[]) ORDER BY k.contact_id, k.field, k.place
"""
_LOCKS = """
    SELECT contact_id, field FROM crm_enrichment.field_lock
    WHERE contact_id = ANY(%(ids)s::uuid[])
"""
#: Filters, each with an index of its own.
_TYPES = {"contact_id": "uuid", "state": "text", "provider": "text", "field": "text"}


def page(filters: dict[str, Any], after: UUID | None, limit: int) -> list[Proposal]:
    """Return proposals that fit, newest first."""
    where, values = _conditions(filters)
    if after is not None:
        where.append("p.id < %(after)s::uuid")
    statement = (
        f"SELECT {_COLUMNS} FROM crm_enrichment.proposal p"
        f" WHERE {' AND '.join(where) or 'true'} ORDER BY p.id DESC LIMIT %(limit)s"
    )
    rows = execute(statement, {**values, "after": after, "limit": limit})
    return [_proposal(row) for row in rows]


def counts(filters: dict[str, Any]) -> dict[UUID, int]:
    """Return how many proposals fit, by their contacts."""
    where, values = _conditions(filters)
    statement = (
        "SELECT p.contact_id, count(*) FROM crm_enrichment.proposal p"
        f" WHERE {' AND '.join(where) or 'true'} GROUP BY p.contact_id"
    )
    return dict(execute(statement, values))


def get(proposal_id: UUID) -> Proposal | None:
    """Return one proposal."""
    rows = execute(
        f"SELECT {_COLUMNS} FROM crm_enrichment.proposal p WHERE p.id = %(id)s", {"id": proposal_id}
    )
    return _proposal(rows[0]) if rows else None


def contacts_of(proposal_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return which contacts proposals are about; those that are not there are left out."""
    return dict(
        execute(
            "SELECT id, contact_id FROM crm_enrichment.proposal WHERE id = ANY(%(ids)s::uuid[])",
            {"ids": list(proposal_ids)},
        )
    )


def past_of(contact_ids: Sequence[UUID]) -> dict[UUID, list[Past]]:
    """Return all proposals that there ever were for contacts."""
    found: dict[UUID, list[Past]] = {}
    for row in execute(_PAST, {"ids": list(contact_ids)}):
        found.setdefault(row[1], []).append(
            Past(
                id=row[0], contact_id=row[1], field=Field(row[2]), value_key=row[3],
                provider=row[4], source=row[5], state=ProposalState(row[6]), confidence=row[7],
                quote=row[8], observed_at=row[9], expires_at=row[10], known=row[11],
                verified=row[12], replaces=row[13],
            )
        )  # fmt: skip
    return found


def known_of(contact_ids: Sequence[UUID]) -> list[Known]:
    """Return what was taken over for contacts."""
    return [
        Known(
            contact_id=row[0], field=Field(row[1]), value=row[2], proposal_id=row[3],
            provider=row[4], source=row[5], confidence=row[6], verified=row[7], applied_at=row[8],
        )
        for row in execute(_KNOWN, {"ids": list(contact_ids)})
    ]  # fmt: skip


def locks_of(contact_ids: Sequence[UUID]) -> dict[UUID, set[Field]]:
    """Return the fields of contacts in which somebody's own word stands."""
    found: dict[UUID, set[Field]] = {}
    for contact_id, field in execute(_LOCKS, {"ids": list(contact_ids)}):
        found.setdefault(contact_id, set()).add(Field(field))
    return found


def _conditions(filters: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return [f"p.{name} = %({name})s::{_TYPES[name]}" for name in given], dict(given)


def _proposal(row: tuple[Any, ...]) -> Proposal:
    return Proposal(
        id=row[0], contact_id=row[1], field=Field(row[2]), value=row[3],
        state=ProposalState(row[4]), provider=row[5], method=Method(row[6]), source=row[7],
        quote=row[8], confidence=row[9], replaced=row[10], run_id=row[11], observed_at=row[12],
        retrieved_at=row[13], expires_at=row[14], decided_at=row[15], decided_by=row[16],
        version=row[17],
    )  # fmt: skip
