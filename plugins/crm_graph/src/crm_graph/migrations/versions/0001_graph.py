"""People, evidence, ties, and what is drawn of them."""

from alembic import op

revision = "crm_graph_0001"
down_revision = None
phase = "expand"

_TABLES = """
CREATE TABLE crm_graph.node (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    organisation text,
    organisation_key text,
    CONSTRAINT node_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX node_organisation_key_idx ON crm_graph.node (workspace_id, organisation_key, id)
    WHERE organisation_key IS NOT NULL;
CREATE TABLE crm_graph.alias (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    stands_for uuid NOT NULL,
    CONSTRAINT alias_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX alias_stands_for_idx ON crm_graph.alias (workspace_id, stands_for);
CREATE TABLE crm_graph.evidence (
    workspace_id uuid NOT NULL,
    source text NOT NULL,
    key text NOT NULL,
    low uuid NOT NULL,
    high uuid NOT NULL,
    direction smallint NOT NULL,
    weight double precision NOT NULL,
    occurred_at timestamptz,
    CONSTRAINT evidence_pkey PRIMARY KEY (workspace_id, source, key, low, high)
);
CREATE INDEX evidence_pair_idx ON crm_graph.evidence (workspace_id, low, high);
CREATE INDEX evidence_high_idx ON crm_graph.evidence (workspace_id, high);
CREATE TABLE crm_graph.tie (
    workspace_id uuid NOT NULL,
    low uuid NOT NULL,
    high uuid NOT NULL,
    held_forward double precision NOT NULL,
    held_backward double precision NOT NULL,
    met_forward double precision NOT NULL,
    met_backward double precision NOT NULL,
    CONSTRAINT tie_pkey PRIMARY KEY (workspace_id, low, high)
);
CREATE INDEX tie_high_idx ON crm_graph.tie (workspace_id, high);
CREATE TABLE crm_graph.state (
    workspace_id uuid NOT NULL,
    version bigint NOT NULL,
    stamp uuid NOT NULL,
    asked_at timestamptz,
    drawn_version bigint,
    drawn_at timestamptz,
    modularity double precision,
    next_community integer NOT NULL,
    CONSTRAINT state_pkey PRIMARY KEY (workspace_id)
);
CREATE TABLE crm_graph.community (
    workspace_id uuid NOT NULL,
    id integer NOT NULL,
    name text,
    size integer NOT NULL,
    CONSTRAINT community_pkey PRIMARY KEY (workspace_id, id)
);
CREATE TABLE crm_graph.place (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    community integer NOT NULL,
    x double precision NOT NULL,
    y double precision NOT NULL,
    CONSTRAINT place_pkey PRIMARY KEY (workspace_id, contact_id)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("place", "community", "state", "tie", "evidence", "alias", "node"):
        op.execute(f"DROP TABLE crm_graph.{table}")
