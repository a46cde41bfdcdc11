"""Cards and the codes printed for them."""

from alembic import op

revision = "qr_0001"
down_revision = None

_TABLES = """
CREATE TABLE qr.card (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    title text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT card_pkey PRIMARY KEY (workspace_id, id)
);
CREATE TABLE qr.code (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    card_id uuid NOT NULL,
    kind text NOT NULL,
    error_correction text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT code_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT code_workspace_id_card_id_fkey
        FOREIGN KEY (workspace_id, card_id) REFERENCES qr.card (workspace_id, id)
);
CREATE INDEX code_card_id_idx ON qr.code (workspace_id, card_id);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE qr.code, qr.card")
