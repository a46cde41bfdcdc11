"""Whose cards and exchanges were before contacts were merged, so that they can be given back."""

from alembic import op

revision = "qr_0006"
down_revision = "qr_0005"
phase = "expand"

_TABLE = """
CREATE TABLE qr.moved (
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT moved_pkey PRIMARY KEY (workspace_id, kind, id, contact_id)
);
CREATE INDEX moved_contact_id_idx ON qr.moved (workspace_id, contact_id);
COMMENT ON TABLE qr.moved
    IS 'Whose a card or exchange was before its contact was merged, to give it back';
"""


def upgrade() -> None:
    """Create the table; of what was moved before, nobody knows whose it was."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE qr.moved")
