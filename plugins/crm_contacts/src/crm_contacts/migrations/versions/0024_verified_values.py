"""Which emails, phones, addresses and links are verified."""

from alembic import op

revision = "crm_contacts_0024"
down_revision = "crm_contacts_0022"
phase = "expand"

_PARTS = ("email", "phone", "address", "link")


def upgrade() -> None:
    """Add the columns: nobody has said of any value that it is."""
    for name in _PARTS:
        op.execute(
            f"ALTER TABLE crm_contacts.{name} ADD COLUMN verified boolean NOT NULL DEFAULT false"
        )


def downgrade() -> None:
    """Drop them with what was said."""
    for name in _PARTS:
        op.execute(f"ALTER TABLE crm_contacts.{name} DROP COLUMN verified")
