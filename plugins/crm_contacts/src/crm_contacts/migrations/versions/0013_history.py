"""The history of contacts: what changed, where from, and who did; and what others tell of them."""

from alembic import op

revision = "crm_contacts_0013"
down_revision = "crm_contacts_0012"

_HISTORY = """
CREATE TABLE crm_contacts.contact_change (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    action text NOT NULL,
    source text NOT NULL,
    origin_id uuid,
    source_row integer,
    actor text NOT NULL,
    actor_id uuid,
    fields json NOT NULL,
    CONSTRAINT contact_change_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contact_change_workspace_id_contact_id_version_key
        UNIQUE (workspace_id, contact_id, version),
    CONSTRAINT contact_change_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_change_origin_id_idx
    ON crm_contacts.contact_change (workspace_id, origin_id, contact_id, version)
    WHERE origin_id IS NOT NULL;
COMMENT ON TABLE crm_contacts.contact_change
    IS 'What changed about contacts, from what and to what, where from, and who did';
"""
_TIMELINE = """
CREATE TABLE crm_contacts.timeline_entry (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    source text NOT NULL,
    plugin text NOT NULL,
    actor_id uuid,
    details json NOT NULL,
    CONSTRAINT timeline_entry_pkey PRIMARY KEY (workspace_id, contact_id, id),
    CONSTRAINT timeline_entry_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE crm_contacts.timeline_entry
    IS 'Events that plugins want told on the timelines of contacts';
"""


def upgrade() -> None:
    """Create the tables; what became of contacts before is not known."""
    op.execute(_HISTORY)
    op.execute(_TIMELINE)


def downgrade() -> None:
    """Drop them with all that they tell."""
    op.execute("DROP TABLE crm_contacts.timeline_entry")
    op.execute("DROP TABLE crm_contacts.contact_change")
