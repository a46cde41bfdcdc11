"""Answers that may be given again, and buckets of allowed requests."""

from alembic import op

revision = "meishi_requests_0001"
down_revision = None

_TABLES = """
CREATE TABLE meishi_requests.answer (
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT answer_pkey PRIMARY KEY (workspace_id, user_id, key)
);
CREATE INDEX answer_at ON meishi_requests.answer (at);
CREATE UNLOGGED TABLE meishi_requests.bucket (
    holder text NOT NULL,
    full_at bigint NOT NULL,
    CONSTRAINT bucket_pkey PRIMARY KEY (holder)
);
CREATE INDEX bucket_full_at ON meishi_requests.bucket (full_at);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE meishi_requests.answer, meishi_requests.bucket")
