"""When the graph changed last, and since when a drawing is wanted."""

from alembic import op

revision = "crm_graph_0004"
down_revision = "crm_graph_0003"
phase = "expand"


def upgrade() -> None:
    """Add both; a drawing that is awaited already comes as it was asked for."""
    op.execute("""
        ALTER TABLE crm_graph.state ADD COLUMN moved_at timestamptz,
            ADD COLUMN wanted_at timestamptz
    """)


def downgrade() -> None:
    """Drop them."""
    op.execute("ALTER TABLE crm_graph.state DROP COLUMN moved_at, DROP COLUMN wanted_at")
