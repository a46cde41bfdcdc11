"""Which transaction changed each card and each code last, for the feeds of changes."""

from alembic import op

from meishi.sdk.changes import track_changes, untrack_changes

revision = "qr_0004"
down_revision = "qr_0003"

_TABLES = ("qr.card", "qr.code")


def upgrade() -> None:
    """Track the changes of cards and codes."""
    for table in _TABLES:
        op.execute(track_changes(table))


def downgrade() -> None:
    """Do so no more."""
    for table in _TABLES:
        op.execute(untrack_changes(table))
