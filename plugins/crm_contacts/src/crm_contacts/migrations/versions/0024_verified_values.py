"""Which emails, phones, addresses and links are verified, and normal forms of addresses."""

from alembic import op

from crm_contacts.migrations.addresses_0024 import PARTS, address_form

revision = "crm_contacts_0024"
down_revision = "crm_contacts_0023"
phase = "expand"

_CHANNELS = ("email", "phone", "address", "link")
#: How many addresses are read at a time.
_SLICE = 1000
_NEXT = f"""
SELECT workspace_id, contact_id, position, {", ".join(PARTS)} FROM crm_contacts.address
WHERE (workspace_id, contact_id, position) > (%(workspace)s, %(contact)s, %(position)s)
ORDER BY workspace_id, contact_id, position LIMIT {_SLICE}
"""
_FILL = """
UPDATE crm_contacts.address a SET normalised = n.form
FROM unnest(%(workspaces)s::uuid[], %(contacts)s::uuid[], %(positions)s::smallint[],
    %(forms)s::text[]) AS n (workspace_id, contact_id, position, form)
WHERE (a.workspace_id, a.contact_id, a.position) = (n.workspace_id, n.contact_id, n.position)
"""
_NOBODY = "00000000-0000-0000-0000-000000000000"


def upgrade() -> None:
    """Add the columns: nobody has said of any value that it is verified."""
    for name in _CHANNELS:
        op.execute(
            f"ALTER TABLE crm_contacts.{name} ADD COLUMN verified boolean NOT NULL DEFAULT false"
        )
    op.execute("ALTER TABLE crm_contacts.address ADD COLUMN normalised text NOT NULL DEFAULT ''")
    _fill()


def downgrade() -> None:
    """Drop them with what was said."""
    op.execute("ALTER TABLE crm_contacts.address DROP COLUMN normalised")
    for name in _CHANNELS:
        op.execute(f"ALTER TABLE crm_contacts.{name} DROP COLUMN verified")


def _fill() -> None:
    """Write the forms of the addresses that are there."""
    connection = op.get_bind()
    after = {"workspace": _NOBODY, "contact": _NOBODY, "position": -1}
    while rows := connection.exec_driver_sql(_NEXT, after).all():
        workspaces, contacts, positions = zip(*(row[:3] for row in rows), strict=True)
        values = {
            "workspaces": list(workspaces),
            "contacts": list(contacts),
            "positions": list(positions),
            "forms": [address_form(dict(zip(PARTS, row[3:], strict=True))) for row in rows],
        }
        connection.exec_driver_sql(_FILL, values)
        after = {"workspace": workspaces[-1], "contact": contacts[-1], "position": positions[-1]}
