"""Contacts of whom nothing is left but that they are gone."""

from alembic import op

revision = "crm_contacts_0007"
down_revision = "crm_contacts_0006"


def upgrade() -> None:
    """Add the column; nobody is erased yet."""
    op.execute("ALTER TABLE crm_contacts.contact ADD COLUMN erased_at timestamptz")


def downgrade() -> None:
    """Drop it, with the contacts of whom nothing is left: they must not be restored."""
    op.execute("DELETE FROM crm_contacts.contact WHERE erased_at IS NOT NULL")
    op.execute("ALTER TABLE crm_contacts.contact DROP COLUMN erased_at")
