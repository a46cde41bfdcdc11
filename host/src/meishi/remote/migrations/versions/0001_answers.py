"""Answers to commands that came from elsewhere, to be given again."""

from alembic import op

revision = "meishi_remote_0001"
down_revision = None

_TABLE = """
CREATE TABLE meishi_remote.answer (
    key uuid NOT NULL,
    call text NOT NULL,
    document bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT answer_pkey PRIMARY KEY (key)
);
CREATE INDEX answer_at ON meishi_remote.answer (at);
"""

# Volatile: the answer is looked for in a snapshot taken after the lock was had. In one plain
# statement it would be an older one, and an answer that came in between would not be seen.
_FUNCTION = """
CREATE FUNCTION meishi_remote.claim(lock bigint, wanted uuid)
RETURNS TABLE (call text, document bytea)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(lock);
    RETURN QUERY SELECT a.call, a.document FROM meishi_remote.answer AS a WHERE a.key = wanted;
END $$;
"""


def upgrade() -> None:
    """Create table and function."""
    op.execute(_TABLE)
    op.execute(_FUNCTION)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP FUNCTION meishi_remote.claim(bigint, uuid)")
    op.execute("DROP TABLE meishi_remote.answer")
