"""Which plugins a move has brought into this database."""

from alembic import op

revision = "meishi_remote_0003"
down_revision = "meishi_remote_0002"

_TABLE = """
CREATE TABLE meishi_remote.received (
    plugin text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT received_pkey PRIMARY KEY (plugin)
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE meishi_remote.received")
