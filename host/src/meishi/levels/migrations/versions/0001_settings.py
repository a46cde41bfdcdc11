"""Values that workspaces and users set, as one document for each plugin."""

from alembic import op

revision = "meishi_settings_0001"
down_revision = None

_TABLES = """
CREATE TABLE meishi_settings.workspace_settings (
    workspace_id uuid NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    document text NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT workspace_settings_pkey PRIMARY KEY (workspace_id, plugin)
);
CREATE TABLE meishi_settings.user_settings (
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    document text NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT user_settings_pkey PRIMARY KEY (workspace_id, user_id, plugin)
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE meishi_settings.user_settings, meishi_settings.workspace_settings")
