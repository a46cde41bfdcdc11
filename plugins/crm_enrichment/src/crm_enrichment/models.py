"""Tables of the enrichment service, all of them under row security."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from crm_enrichment.contract import Field, Method, ProposalState
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("crm_enrichment")

_STATES = tuple(state.value for state in ProposalState)
_FIELDS = tuple(field.value for field in Field)
_METHODS = tuple(method.value for method in Method)

proposal = Table(
    "proposal",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("field", Text, nullable=False, info={"examples": _FIELDS}),
    Column("value", Text, nullable=False),
    Column("value_key", Text, nullable=False),
    Column("state", Text, nullable=False, info={"examples": ("proposed", "applied")}),
    Column("provider", Text, nullable=False),
    Column("method", Text, nullable=False, info={"examples": _METHODS}),
    Column("source", Text, nullable=False),
    Column("quote", Text),
    Column("confidence", Double, nullable=False, info={"examples": (0.5, 0.9)}),
    Column("replaced", Text),
    Column("replaces", Uuid),
    Column("run_id", Uuid),
    Column("observed_at", DateTime(timezone=True)),
    Column("retrieved_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    CheckConstraint(f"state IN {_STATES}", name="state"),
    CheckConstraint(f"field IN {_FIELDS}", name="field"),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
    CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("state <> 'rejected' OR decided_by IS NOT NULL", name="rejected"),
)
Index(
    "proposal_open_key",
    proposal.c.workspace_id,
    proposal.c.contact_id,
    proposal.c.field,
    proposal.c.value_key,
    proposal.c.provider,
    unique=True,
    postgresql_where=text("state = 'proposed'"),
)
for _name in ("contact_id", "state", "provider", "field"):
    Index(f"proposal_{_name}_idx", proposal.c.workspace_id, proposal.c[_name], proposal.c.id)

#: What was taken over: one proposal for a place of a contact; `place` tells values of a list apart.
known = Table(
    "known",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("field", Text, nullable=False, info={"examples": _FIELDS}),
    Column("place", Text, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "contact_id", "field", "place"),
    ForeignKeyConstraint(["workspace_id", "proposal_id"], [proposal.c.workspace_id, proposal.c.id]),
)
Index("known_proposal_id_idx", known.c.workspace_id, known.c.proposal_id)

#: Fields in which somebody's own word stands.
field_lock = Table(
    "field_lock",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("field", Text, nullable=False, info={"examples": _FIELDS}),
    Column("locked_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "contact_id", "field"),
)

#: What was whose before a contact was merged, to give it back: rows by their id, and what else has
#: to be known of them; locks by their field.
moved = Table(
    "moved",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False, info={"examples": ("proposal", "lock")}),
    Column("key", Text, nullable=False),
    Column("state", Text),
    Column("place", Text),
    Column("at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "contact_id", "kind", "key"),
)
Index("moved_key_idx", moved.c.workspace_id, moved.c.kind, moved.c.key)

#: Which organisation people have typed for contacts of an email domain; none where they have not.
employment = Table(
    "employment",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("domain", Text, nullable=False),
    Column("organisation", Text),
    Column("organisation_key", Text),
    PrimaryKeyConstraint("workspace_id", "contact_id", "domain"),
)
Index(
    "employment_domain_idx",
    employment.c.workspace_id,
    employment.c.domain,
    employment.c.contact_id,
)

#: Texts that were read, which are kept for a day.
extraction = Table(
    "extraction",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("content", Text, nullable=False),
    Column("extracts", Text, nullable=False, info={"examples": ("[]",)}),
    Column("read_by_model", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
)
for _name in ("contact_id", "expires_at"):
    Index(f"extraction_{_name}_idx", extraction.c.workspace_id, extraction.c[_name])

run = Table(
    "run",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("proposed", Integer, nullable=False),
    Column("applied", Integer, nullable=False),
    Column("failed", ARRAY(Text), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Uuid),
    PrimaryKeyConstraint("workspace_id", "id"),
)
