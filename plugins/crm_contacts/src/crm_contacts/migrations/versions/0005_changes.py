"""Which transaction changed each contact last, for the feed of changes."""

from alembic import op

from meishi.sdk.changes import track_changes, untrack_changes

revision = "crm_contacts_0005"
down_revision = "crm_contacts_0004"


def upgrade() -> None:
    """Track the changes of contacts."""
    op.execute(track_changes("crm_contacts.contact"))


def downgrade() -> None:
    """Do so no more."""
    op.execute(untrack_changes("crm_contacts.contact"))
