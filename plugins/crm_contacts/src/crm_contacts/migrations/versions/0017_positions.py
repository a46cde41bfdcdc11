"""Jobs that contacts have and had."""

from alembic import op

revision = "crm_contacts_0017"
down_revision = "crm_contacts_0016"

_POSITION = """
CREATE TABLE crm_contacts.held_position (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    position smallint NOT NULL,
    organisation text,
    units text[] NOT NULL,
    title text,
    role text,
    start_date text,
    end_date text,
    current boolean NOT NULL,
    note text,
    CONSTRAINT held_position_pkey PRIMARY KEY (workspace_id, contact_id, position),
    CONSTRAINT held_position_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE crm_contacts.held_position
    IS 'Jobs that contacts have and had; the current one in short stands in the contact';
"""


def upgrade() -> None:
    """Create the table; current jobs stay in the contacts, and nothing is known of others."""
    op.execute(_POSITION)


def downgrade() -> None:
    """Drop it with all that it holds."""
    op.execute("DROP TABLE crm_contacts.held_position")
