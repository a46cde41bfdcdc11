"""Cards that visitors leave in return, and who has made a card."""

from alembic import op

revision = "qr_0005"
down_revision = "qr_0004"
phase = "expand"

# What visitors leave is there until it has become a contact; `content` is a keyed digest of it.
_TABLE = """
CREATE TABLE qr.exchange (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    card_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    state text NOT NULL,
    name text,
    email text,
    phone text,
    organisation text,
    title text,
    note text,
    content bytea,
    consent_version text NOT NULL,
    consent_text text NOT NULL,
    consent_purpose text NOT NULL,
    visitor_contact_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    CONSTRAINT exchange_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT exchange_workspace_id_card_id_fkey
        FOREIGN KEY (workspace_id, card_id) REFERENCES qr.card (workspace_id, id),
    CONSTRAINT exchange_workspace_id_submission_id_key UNIQUE (workspace_id, submission_id),
    CONSTRAINT exchange_workspace_id_card_id_content_key UNIQUE (workspace_id, card_id, content)
);
CREATE INDEX exchange_card_id_idx ON qr.exchange (workspace_id, card_id, id);
CREATE INDEX exchange_state_idx ON qr.exchange (workspace_id, state, id);
CREATE INDEX exchange_visitor_contact_id_idx
    ON qr.exchange (workspace_id, visitor_contact_id, id);
"""


def upgrade() -> None:
    """Create the table, and let cards remember their makers."""
    op.execute(_TABLE)
    op.execute("ALTER TABLE qr.card ADD COLUMN created_by uuid")


def downgrade() -> None:
    """Take both away."""
    op.execute("ALTER TABLE qr.card DROP COLUMN created_by")
    op.execute("DROP TABLE qr.exchange")
