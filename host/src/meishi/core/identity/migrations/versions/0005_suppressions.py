"""People who were erased, and the workspaces that would be without an owner."""

from alembic import op

revision = "identity_0005"
down_revision = "identity_0004"

_TABLES = """
CREATE TABLE identity.suppression (
    workspace_id uuid NOT NULL,
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT suppression_pkey PRIMARY KEY (workspace_id, digest),
    CONSTRAINT suppression_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES identity.workspace (id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.suppression IS
    'Digests of addresses and numbers that were erased in a workspace';
CREATE TABLE identity.suppressed_everywhere (
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT suppressed_everywhere_pkey PRIMARY KEY (digest)
);
COMMENT ON TABLE identity.suppressed_everywhere IS
    'Digests of addresses and numbers that were erased from the whole deployment';
"""

# A person's workspaces are not known before they are looked for, past row security.
_LONE = """
CREATE FUNCTION identity.resolve_lone_ownerships(wanted uuid)
RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.workspace_id FROM identity.membership m
    WHERE m.user_id = wanted AND m.role = 'owner' AND NOT EXISTS (
        SELECT FROM identity.membership o
        WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.user_id <> wanted
    )
$$
"""


def upgrade() -> None:
    """Create tables and function; nobody is suppressed yet."""
    op.execute(_TABLES)
    op.execute(_LONE)


def downgrade() -> None:
    """Drop them; who was erased may come back."""
    op.execute("DROP FUNCTION identity.resolve_lone_ownerships(uuid)")
    op.execute("DROP TABLE identity.suppressed_everywhere, identity.suppression")
