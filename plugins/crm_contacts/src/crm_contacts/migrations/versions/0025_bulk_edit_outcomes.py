"""What edits of many contacts pass over, by the reason, and how many contacts they are about."""

from alembic import op

revision = "crm_contacts_0025"
down_revision = "crm_contacts_0024"
phase = "expand"


def upgrade() -> None:
    """Add both; edits that are under way have passed over what they do not tell."""
    op.execute(
        "ALTER TABLE crm_contacts.bulk_edit"
        " ADD COLUMN passed_over json NOT NULL DEFAULT '{}', ADD COLUMN total integer"
    )


def downgrade() -> None:
    """Drop them; what was passed over so far is told nobody."""
    op.execute("ALTER TABLE crm_contacts.bulk_edit DROP COLUMN total, DROP COLUMN passed_over")
