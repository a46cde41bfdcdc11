"""The event log, partitioned by time, with a partition for whatever no other takes."""

from alembic import op

revision = "meishi_events_0001"
down_revision = None

_CREATE = """
CREATE TABLE meishi_events.event (
    pos bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    version smallint NOT NULL,
    workspace_id uuid,
    subject text NOT NULL,
    key text NOT NULL,
    slot smallint NOT NULL,
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    trace jsonb NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (time, pos)
) PARTITION BY RANGE (time)
"""


def upgrade() -> None:
    """Create the log."""
    op.execute(_CREATE)
    op.execute("CREATE INDEX event_xid_pos ON meishi_events.event (xid, pos)")
    op.execute("CREATE TABLE meishi_events.event_default PARTITION OF meishi_events.event DEFAULT")


def downgrade() -> None:
    """Drop the log."""
    op.execute("DROP TABLE meishi_events.event")
