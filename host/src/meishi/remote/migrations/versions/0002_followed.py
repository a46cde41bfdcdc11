"""How far neighbours were followed, and which of their events are in the log here."""

from alembic import op

revision = "meishi_remote_0002"
down_revision = "meishi_remote_0001"

_TABLES = """
CREATE TABLE meishi_remote.followed (
    place text NOT NULL,
    cursor text NOT NULL,
    fault text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT followed_pkey PRIMARY KEY (place)
);
CREATE TABLE meishi_remote.inbox (
    event_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT inbox_pkey PRIMARY KEY (event_id)
);
CREATE INDEX inbox_at ON meishi_remote.inbox (at);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE meishi_remote.followed, meishi_remote.inbox")
