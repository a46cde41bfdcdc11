"""Users, workspaces, memberships and API tokens, and the way from a token to its workspace."""

from alembic import op

revision = "identity_0001"
down_revision = None

_TABLES = """
CREATE TABLE identity.workspace (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT workspace_pkey PRIMARY KEY (id),
    CONSTRAINT workspace_slug_key UNIQUE (slug)
);
CREATE TABLE identity."user" (
    id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_pkey PRIMARY KEY (id),
    CONSTRAINT user_email_key UNIQUE (email)
);
CREATE TABLE identity.membership (
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT membership_pkey PRIMARY KEY (workspace_id, user_id),
    CONSTRAINT membership_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES identity.workspace (id) ON DELETE CASCADE,
    CONSTRAINT membership_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES identity."user" (id) ON DELETE CASCADE
);
CREATE TABLE identity.api_token (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[],
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT api_token_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT api_token_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT api_token_workspace_id_user_id_fkey
        FOREIGN KEY (workspace_id, user_id)
        REFERENCES identity.membership (workspace_id, user_id) ON DELETE CASCADE
);
"""

# The workspace is not known before the token is: the owner looks it up, past row security,
# and hands out nothing but who stands behind one hash.
_RESOLVE = """
CREATE FUNCTION identity.resolve_token(wanted bytea, at timestamptz)
RETURNS TABLE (token_id uuid, user_id uuid, workspace_id uuid, role text, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.id, t.user_id, t.workspace_id, m.role, t.scopes
    FROM identity.api_token t
    JOIN identity.membership m
        ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
    WHERE t.secret_hash = wanted
        AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > at)
$$
"""


def upgrade() -> None:
    """Create tables and function."""
    op.execute(_TABLES)
    op.execute(_RESOLVE)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP FUNCTION identity.resolve_token(bytea, timestamptz)")
    op.execute(
        'DROP TABLE identity.api_token, identity.membership, identity."user", identity.workspace'
    )
