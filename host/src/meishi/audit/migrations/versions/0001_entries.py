"""Audit: what was done, and what was denied."""

from alembic import op

revision = "audit_0001"
down_revision = None

_TABLE = """
CREATE TABLE audit.entry (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    permission text COLLATE "C",
    status smallint,
    user_id uuid,
    token_id uuid,
    session_id uuid,
    resource_type text COLLATE "C",
    resource_id text COLLATE "C",
    changed text[] NOT NULL,
    address text,
    correlation uuid NOT NULL,
    CONSTRAINT entry_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX entry_at_idx ON audit.entry (workspace_id, at, id);
CREATE INDEX entry_user_id_idx ON audit.entry (workspace_id, user_id, at, id);
CREATE INDEX entry_action_idx ON audit.entry (workspace_id, action, at, id);
CREATE INDEX entry_plugin_idx ON audit.entry (workspace_id, plugin, at, id);
CREATE INDEX entry_resource_type_idx ON audit.entry (workspace_id, resource_type, at, id);
CREATE INDEX entry_resource_id_idx ON audit.entry (workspace_id, resource_id, at, id);
CREATE INDEX entry_denied_idx ON audit.entry (workspace_id, at, id) WHERE outcome = 'denied';
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE audit.entry")
