"""Invitations, tokens of services, and when a token was last used."""

from alembic import op

revision = "identity_0004"
down_revision = "identity_0003"

_TABLES = """
ALTER TABLE identity."user" ADD COLUMN service boolean NOT NULL DEFAULT false;
ALTER TABLE identity.api_token ADD COLUMN last_used_at timestamptz;
CREATE TABLE identity.invitation (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    secret_hash bytea NOT NULL,
    invited_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT invitation_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT invitation_workspace_id_email_key UNIQUE (workspace_id, email),
    CONSTRAINT invitation_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT invitation_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES identity.workspace (id) ON DELETE CASCADE
);
"""

_INVITATION = """
CREATE FUNCTION identity.resolve_invitation(wanted bytea, at timestamptz)
RETURNS TABLE (workspace_id uuid, id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.workspace_id, i.id, i.role FROM identity.invitation i
    WHERE i.secret_hash = wanted AND i.expires_at > at
$$
"""

# A process of the release before still asks for it, and leaves out what it does not know.
_RESOLVE = """
CREATE FUNCTION identity.resolve_token(wanted bytea, at timestamptz)
RETURNS TABLE (token_id uuid, user_id uuid, workspace_id uuid, role text, scopes text[],
               operator boolean{column})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.id, t.user_id, t.workspace_id, m.role, t.scopes, t.operator{value}
    FROM identity.api_token t
    JOIN identity.membership m
        ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
    WHERE t.secret_hash = wanted
        AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > at)
$$
"""
_STALE = ", t.last_used_at IS NULL OR t.last_used_at < at - interval '1 minute'"
_DROP = "DROP FUNCTION identity.resolve_token(bytea, timestamptz)"


def upgrade() -> None:
    """Let people be invited; nobody is yet."""
    op.execute(_TABLES)
    op.execute(_INVITATION)
    op.execute(_DROP)
    op.execute(_RESOLVE.format(column=", stale boolean", value=_STALE))


def downgrade() -> None:
    """Forget invitations, and end what services have."""
    op.execute(_DROP)
    op.execute(_RESOLVE.format(column="", value=""))
    op.execute("DROP FUNCTION identity.resolve_invitation(bytea, timestamptz)")
    op.execute("DROP TABLE identity.invitation")
    op.execute('DELETE FROM identity."user" WHERE service')
    op.execute("ALTER TABLE identity.api_token DROP COLUMN last_used_at")
    op.execute('ALTER TABLE identity."user" DROP COLUMN service')
