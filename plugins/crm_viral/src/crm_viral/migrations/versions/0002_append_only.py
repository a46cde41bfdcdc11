"""The ledger says that lines are only added, and the host takes the rights to more away."""

from alembic import op

revision = "crm_viral_0002"
down_revision = "crm_viral_0001"
phase = "expand"


def upgrade() -> None:
    """Mark the table."""
    op.execute("COMMENT ON TABLE crm_viral.entry IS 'append-only'")


def downgrade() -> None:
    """Take the mark away; the trigger stays."""
    op.execute("COMMENT ON TABLE crm_viral.entry IS NULL")
