"""The table of installed plugins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "meishi_0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "plugin",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(), nullable=False),
        sa.Column(
            "installed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "upgraded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name="plugin_pkey"),
        schema="meishi",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("plugin", schema="meishi")
