"""How often things happened, by day and by what is known of them."""

from alembic import op

revision = "analytics_0001"
down_revision = None

_TABLE = """
CREATE TABLE analytics.roll_up (
    workspace_id uuid NOT NULL,
    metric text COLLATE "C" NOT NULL,
    day date NOT NULL,
    labels text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT roll_up_pkey PRIMARY KEY (workspace_id, metric, day, labels)
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE analytics.roll_up")
