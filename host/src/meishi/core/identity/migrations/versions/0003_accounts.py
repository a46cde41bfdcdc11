"""Passwords, sessions, links in mails, and wrong passwords that are counted."""

from alembic import op

revision = "identity_0003"
down_revision = "identity_0002"

_TABLES = """
ALTER TABLE identity."user"
    ADD COLUMN password_hash text,
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN operator boolean NOT NULL DEFAULT false,
    ADD COLUMN locale text,
    ADD COLUMN wanted_email text;
CREATE TABLE identity.session (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    at_workspace uuid,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT session_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES identity."user" (id) ON DELETE CASCADE
);
CREATE INDEX session_user_id_idx ON identity.session (user_id);
CREATE TABLE identity.account_link (
    secret_hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    expires_at timestamptz NOT NULL,
    CONSTRAINT account_link_pkey PRIMARY KEY (secret_hash),
    CONSTRAINT account_link_user_id_purpose_key UNIQUE (user_id, purpose),
    CONSTRAINT account_link_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES identity."user" (id) ON DELETE CASCADE
);
CREATE TABLE identity.attempt (
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    closed_until timestamptz NOT NULL,
    CONSTRAINT attempt_pkey PRIMARY KEY (key)
);
CREATE INDEX membership_user_id_created_at_idx ON identity.membership (user_id, created_at);
"""

# A person's workspaces are known before there is a current one: the owner looks them up, past
# row security, for one session or one person, and tells ids and roles alone.
_FUNCTIONS = (
    """
CREATE FUNCTION identity.resolve_session(
    wanted bytea, at timestamptz, seen_after timestamptz, noted_after timestamptz)
RETURNS TABLE (workspace_id uuid, session_id uuid, user_id uuid, role text,
               operator boolean, stale boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.workspace_id, s.id, s.user_id, m.role, u.operator, s.last_seen_at < noted_after
    FROM identity.session s
    JOIN identity."user" u ON u.id = s.user_id
    LEFT JOIN LATERAL (
        SELECT i.workspace_id, i.role FROM identity.membership i
        WHERE i.user_id = s.user_id
        ORDER BY (i.workspace_id = s.at_workspace) DESC NULLS LAST, i.created_at, i.workspace_id
        LIMIT 1
    ) m ON true
    WHERE s.secret_hash = wanted AND s.expires_at > at AND s.last_seen_at > seen_after
$$
""",
    """
CREATE FUNCTION identity.resolve_memberships(account uuid)
RETURNS TABLE (workspace_id uuid, workspaces uuid[], role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NULL::uuid, array_agg(m.workspace_id ORDER BY m.workspace_id),
        string_agg(m.role, ' ' ORDER BY m.workspace_id)
    FROM identity.membership m WHERE m.user_id = account
$$
""",
    """
CREATE FUNCTION identity.resolve_founding(wanted uuid, its_slug text, its_name text, owner uuid)
RETURNS TABLE (workspace_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH founded AS (
        INSERT INTO identity.workspace (id, slug, name) VALUES (wanted, its_slug, its_name)
        ON CONFLICT (slug) DO NOTHING RETURNING id
    )
    INSERT INTO identity.membership (workspace_id, user_id, role)
    SELECT id, owner, 'owner' FROM founded
    RETURNING workspace_id
$$
""",
)


def upgrade() -> None:
    """Let people sign in; nobody has a password yet."""
    op.execute(_TABLES)
    for function in _FUNCTIONS:
        op.execute(function)


def downgrade() -> None:
    """Forget passwords and sessions; people, memberships and tokens stay."""
    op.execute("DROP FUNCTION identity.resolve_founding(uuid, text, text, uuid)")
    op.execute("DROP FUNCTION identity.resolve_memberships(uuid)")
    op.execute(
        "DROP FUNCTION identity.resolve_session(bytea, timestamptz, timestamptz, timestamptz)"
    )
    op.execute("DROP INDEX identity.membership_user_id_created_at_idx")
    op.execute("DROP TABLE identity.attempt, identity.account_link, identity.session")
    op.execute(
        'ALTER TABLE identity."user" DROP COLUMN wanted_email, DROP COLUMN locale, '
        "DROP COLUMN operator, DROP COLUMN verified_at, DROP COLUMN password_hash"
    )
