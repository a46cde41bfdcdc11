"""Evidence as it was before contacts were merged, so that it can be given back."""

from alembic import op

revision = "crm_graph_0003"
down_revision = "crm_graph_0002"
phase = "expand"

_TABLE = """
CREATE TABLE crm_graph.moved_evidence (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    key text NOT NULL,
    other uuid NOT NULL,
    towards smallint NOT NULL,
    weight double precision NOT NULL,
    occurred_at timestamptz,
    CONSTRAINT moved_evidence_pkey PRIMARY KEY (workspace_id, id, source, key, other)
);
CREATE INDEX moved_evidence_other_idx ON crm_graph.moved_evidence (workspace_id, other);
CREATE INDEX moved_evidence_key_idx ON crm_graph.moved_evidence (workspace_id, source, key);
"""


def upgrade() -> None:
    """Create the table; of what was moved before, nobody knows whose it was."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE crm_graph.moved_evidence")
