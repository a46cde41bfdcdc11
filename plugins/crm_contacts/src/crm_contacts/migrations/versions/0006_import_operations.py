"""The operation that works on an import."""

from alembic import op

revision = "crm_contacts_0006"
down_revision = "crm_contacts_0005"


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE crm_contacts.contact_import ADD COLUMN operation_id uuid")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE crm_contacts.contact_import DROP COLUMN operation_id")
