"""Texts that were read, for a day."""

from alembic import op

revision = "crm_enrichment_0002"
down_revision = "crm_enrichment_0001"

_TABLE = """
CREATE TABLE crm_enrichment.extraction (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid,
    content text NOT NULL,
    extracts text NOT NULL,
    read_by_model boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT extraction_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX extraction_contact_id_idx ON crm_enrichment.extraction (workspace_id, contact_id);
CREATE INDEX extraction_expires_at_idx ON crm_enrichment.extraction (workspace_id, expires_at);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE crm_enrichment.extraction")
