"""Codes out of use, which are few, found without a look at all others."""

from alembic import op

revision = "qr_0003"
down_revision = "qr_0002"


def upgrade() -> None:
    """Create the index."""
    op.execute(
        "CREATE INDEX code_deleted_idx ON qr.code (workspace_id, id) WHERE deleted_at IS NOT NULL"
    )


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX qr.code_deleted_idx")
