"""Tables without a header."""

from alembic import op

revision = "crm_contacts_0020"
down_revision = "crm_contacts_0016"


def upgrade() -> None:
    """Add the number of columns of such tables."""
    op.execute("ALTER TABLE crm_contacts.contact_import ADD COLUMN headerless_columns integer")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE crm_contacts.contact_import DROP COLUMN headerless_columns")
