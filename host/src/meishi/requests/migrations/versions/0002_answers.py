"""Asking for an answer while nobody else is making it, and forgetting old ones."""

from alembic import op

revision = "meishi_requests_0002"
down_revision = "meishi_requests_0001"

# Volatile: the answer is looked for in a snapshot taken after the lock was had. In one plain
# statement it would be an older one, and an answer that came in between would not be seen.
_FUNCTIONS = """
CREATE FUNCTION meishi_requests.claim(lock bigint, wanted_user uuid, wanted_key text)
RETURNS TABLE (claimed boolean, fingerprint bytea, status smallint, headers jsonb, body bytea)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(lock) THEN
        RETURN QUERY SELECT false, NULL::bytea, NULL::smallint, NULL::jsonb, NULL::bytea;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT true, a.fingerprint, a.status, a.headers, a.body
    FROM (SELECT nullif(current_setting('meishi.workspace', true), '')::uuid AS id) AS w
    LEFT JOIN meishi_requests.answer AS a
        ON a.workspace_id = w.id AND a.user_id = wanted_user AND a.key = wanted_key
        AND a.at > clock_timestamp() - interval '24 hours';
END $$;

CREATE FUNCTION meishi_requests.resolve_old_answers(before timestamptz, most integer)
RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT old.workspace_id FROM (
        SELECT a.workspace_id FROM meishi_requests.answer AS a WHERE a.at < before
        ORDER BY a.at LIMIT most
    ) AS old
$$;
"""

_BACK = """
DROP FUNCTION meishi_requests.claim(bigint, uuid, text);
DROP FUNCTION meishi_requests.resolve_old_answers(timestamptz, integer);
"""


def upgrade() -> None:
    """Create the functions."""
    op.execute(_FUNCTIONS)


def downgrade() -> None:
    """Drop them."""
    op.execute(_BACK)
