"""Tokens of operators, who may do what no role of a workspace may."""

from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"

# A process of the release before still asks for it, and leaves out what it does not know.
_RESOLVE = """
CREATE FUNCTION identity.resolve_token(wanted bytea, at timestamptz)
RETURNS TABLE (token_id uuid, user_id uuid, workspace_id uuid, role text, scopes text[]{column})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.id, t.user_id, t.workspace_id, m.role, t.scopes{value}
    FROM identity.api_token t
    JOIN identity.membership m
        ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
    WHERE t.secret_hash = wanted
        AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > at)
$$
"""
_DROP = "DROP FUNCTION identity.resolve_token(bytea, timestamptz)"


def upgrade() -> None:
    """Mark the tokens of operators; none is one yet."""
    op.execute("ALTER TABLE identity.api_token ADD COLUMN operator boolean NOT NULL DEFAULT false")
    op.execute(_DROP)
    op.execute(_RESOLVE.format(column=", operator boolean", value=", t.operator"))


def downgrade() -> None:
    """Forget who is an operator; their tokens remain what their members may do."""
    op.execute(_DROP)
    op.execute(_RESOLVE.format(column="", value=""))
    op.execute("ALTER TABLE identity.api_token DROP COLUMN operator")
