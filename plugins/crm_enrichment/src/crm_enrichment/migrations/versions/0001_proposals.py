"""Proposals, what was taken over of them, and what they are weighed with."""

from alembic import op

revision = "crm_enrichment_0001"
down_revision = None

_TABLES = """
CREATE TABLE crm_enrichment.proposal (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    value_key text NOT NULL,
    state text NOT NULL,
    provider text NOT NULL,
    method text NOT NULL,
    source text NOT NULL,
    quote text,
    confidence double precision NOT NULL,
    replaced text,
    replaces uuid,
    run_id uuid,
    observed_at timestamptz,
    retrieved_at timestamptz NOT NULL,
    expires_at timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    version integer NOT NULL,
    CONSTRAINT proposal_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT proposal_state_check
        CHECK (state IN ('proposed', 'applied', 'reverted', 'rejected', 'superseded')),
    CONSTRAINT proposal_field_check CHECK (field IN (
        'organisation', 'title', 'email', 'phone', 'link', 'country', 'time_zone', 'phone_type',
        'email_type', 'seniority', 'department')),
    CONSTRAINT proposal_confidence_check CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT proposal_decided_check CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT proposal_rejected_check CHECK (state <> 'rejected' OR decided_by IS NOT NULL)
);
CREATE UNIQUE INDEX proposal_open_key ON crm_enrichment.proposal
    (workspace_id, contact_id, field, value_key, provider) WHERE state = 'proposed';
CREATE INDEX proposal_contact_id_idx ON crm_enrichment.proposal (workspace_id, contact_id, id);
CREATE INDEX proposal_state_idx ON crm_enrichment.proposal (workspace_id, state, id);
CREATE INDEX proposal_provider_idx ON crm_enrichment.proposal (workspace_id, provider, id);
CREATE INDEX proposal_field_idx ON crm_enrichment.proposal (workspace_id, field, id);
CREATE TABLE crm_enrichment.known (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    field text NOT NULL,
    place text NOT NULL,
    proposal_id uuid NOT NULL,
    CONSTRAINT known_pkey PRIMARY KEY (workspace_id, contact_id, field, place),
    CONSTRAINT known_workspace_id_fkey FOREIGN KEY (workspace_id, proposal_id)
        REFERENCES crm_enrichment.proposal (workspace_id, id)
);
CREATE INDEX known_proposal_id_idx ON crm_enrichment.known (workspace_id, proposal_id);
CREATE TABLE crm_enrichment.field_lock (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    field text NOT NULL,
    locked_at timestamptz NOT NULL,
    CONSTRAINT field_lock_pkey PRIMARY KEY (workspace_id, contact_id, field)
);
CREATE TABLE crm_enrichment.employment (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    domain text NOT NULL,
    organisation text,
    organisation_key text,
    CONSTRAINT employment_pkey PRIMARY KEY (workspace_id, contact_id, domain)
);
CREATE INDEX employment_domain_idx
    ON crm_enrichment.employment (workspace_id, domain, contact_id);
CREATE TABLE crm_enrichment.run (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    contacts integer NOT NULL,
    missing integer NOT NULL,
    proposed integer NOT NULL,
    applied integer NOT NULL,
    failed text[] NOT NULL,
    started_at timestamptz NOT NULL,
    completed_at timestamptz NOT NULL,
    requested_by uuid,
    CONSTRAINT run_pkey PRIMARY KEY (workspace_id, id)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables."""
    op.execute(
        "DROP TABLE crm_enrichment.known, crm_enrichment.proposal, crm_enrichment.field_lock,"
        " crm_enrichment.employment, crm_enrichment.run"
    )
