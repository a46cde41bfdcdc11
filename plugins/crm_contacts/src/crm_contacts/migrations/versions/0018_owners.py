"""Whose contacts are, and who sees them."""

from alembic import op

from crm_contacts.migrations.kept_0018 import ADDED, COLUMNS, DROPPED, FOLLOWED, PARTS

revision = "crm_contacts_0018"
down_revision = "crm_contacts_0017"

#: Who sees a contact stands in the index of owners, by which contacts are counted.
_OWNERS = """
ALTER TABLE crm_contacts.contact ADD COLUMN owner_id uuid;
CREATE INDEX contact_owner_id_idx ON crm_contacts.contact (workspace_id, owner_id, id)
    INCLUDE (readers) WHERE deleted_at IS NULL;
"""


def upgrade() -> None:
    """Add the columns: what is there is nobody's, and seen by everybody, as before."""
    for name in ("contact", *PARTS):
        op.execute(COLUMNS.format(name=name))
    op.execute(_OWNERS)
    op.execute(FOLLOWED)
    for name in PARTS:
        op.execute(ADDED.format(name=name))


def downgrade() -> None:
    """Show everything to everybody again, and forget whose it was."""
    for name in PARTS:
        op.execute(f"DROP TRIGGER keep ON crm_contacts.{name}")
        op.execute(f"DROP FUNCTION crm_contacts.keep_{name}()")
    op.execute("DROP TRIGGER keep ON crm_contacts.contact")
    op.execute("DROP FUNCTION crm_contacts.keep_parts()")
    op.execute("DROP INDEX crm_contacts.contact_owner_id_idx")
    for name in ("contact", *PARTS):
        op.execute(DROPPED.format(name=name))
    op.execute("ALTER TABLE crm_contacts.contact DROP COLUMN owner_id")
