"""What was whose before contacts were merged, so that it can be given back."""

from alembic import op

revision = "crm_enrichment_0003"
down_revision = "crm_enrichment_0002"
phase = "expand"

_TABLE = """
CREATE TABLE crm_enrichment.moved (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    state text,
    place text,
    at timestamptz,
    CONSTRAINT moved_pkey PRIMARY KEY (workspace_id, contact_id, kind, key)
);
CREATE INDEX moved_key_idx ON crm_enrichment.moved (workspace_id, kind, key);
"""


def upgrade() -> None:
    """Create the table; of what was moved before, nobody knows whose it was."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE crm_enrichment.moved")
