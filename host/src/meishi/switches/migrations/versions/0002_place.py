"""Where moved plugins are, and which are on their way."""

from alembic import op

revision = "meishi_plugins_0002"
down_revision = "meishi_plugins_0001"

_TABLE = """
CREATE TABLE meishi_plugins.place (
    plugin text COLLATE "C" NOT NULL,
    url text,
    step text,
    until timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT place_pkey PRIMARY KEY (plugin),
    CONSTRAINT place_step_check CHECK (step IN ('settling', 'held')),
    CONSTRAINT place_until_check CHECK ((step IS NULL) = (until IS NULL))
);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop it; plugins are where the settings say."""
    op.execute("DROP TABLE meishi_plugins.place")
