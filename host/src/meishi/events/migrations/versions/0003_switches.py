"""Gaps tell why they are there: an operator paused the workspace, or the plugin is off in it."""

from alembic import op

revision = "meishi_events_0003"
down_revision = "meishi_events_0002"


def upgrade() -> None:
    """Add the cause; all that are there were made by operators."""
    op.execute(
        "ALTER TABLE meishi_events.gap ADD COLUMN cause text NOT NULL DEFAULT 'operator', "
        "ADD CONSTRAINT gap_cause_check CHECK (cause IN ('operator', 'switch'))"
    )


def downgrade() -> None:
    """Drop the cause: what a switch has paused, an operator resumes."""
    op.execute("ALTER TABLE meishi_events.gap DROP COLUMN cause")
