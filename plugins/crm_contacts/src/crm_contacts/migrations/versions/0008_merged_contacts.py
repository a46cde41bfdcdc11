"""Contacts that turned out to be others, and which."""

from alembic import op

revision = "crm_contacts_0008"
down_revision = "crm_contacts_0007"


def upgrade() -> None:
    """Add the column; nothing is merged yet."""
    op.execute("ALTER TABLE crm_contacts.contact ADD COLUMN merged_into uuid")
    op.execute(
        "CREATE INDEX contact_merged_into_idx ON crm_contacts.contact (workspace_id, merged_into)"
        " WHERE merged_into IS NOT NULL"
    )


def downgrade() -> None:
    """Drop it; what was merged stays deleted."""
    op.execute("ALTER TABLE crm_contacts.contact DROP COLUMN merged_into")
