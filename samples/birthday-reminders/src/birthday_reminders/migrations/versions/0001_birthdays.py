"""Birthdays by contact, and in the order of the year."""

import sqlalchemy as sa
from alembic import op

revision = "birthday_reminders_0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "birthday",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.Column("told", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "contact_id", name="birthday_pkey"),
        schema="birthday_reminders",
    )
    op.create_index(
        "birthday_year_idx",
        "birthday",
        ["workspace_id", "month", "day", "contact_id"],
        schema="birthday_reminders",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("birthday", schema="birthday_reminders")
