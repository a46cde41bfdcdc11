"""Custom fields and their values, lists, segments and notes."""

from alembic import op

revision = "crm_contacts_0012"
down_revision = "crm_contacts_0011"

_CUSTOM = """
CREATE TABLE crm_contacts.custom_field (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    title text NOT NULL,
    type text NOT NULL,
    choices text[] NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT custom_field_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT custom_field_workspace_id_key_key UNIQUE (workspace_id, key)
);
COMMENT ON TABLE crm_contacts.custom_field
    IS 'Fields that a workspace has besides those of all contacts';
CREATE TABLE crm_contacts.custom_value (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    field_id uuid NOT NULL,
    value json NOT NULL,
    key text COLLATE "C" NOT NULL,
    CONSTRAINT custom_value_pkey PRIMARY KEY (workspace_id, contact_id, field_id),
    CONSTRAINT custom_value_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT custom_value_workspace_id_field_id_fkey FOREIGN KEY (workspace_id, field_id)
        REFERENCES crm_contacts.custom_field (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX custom_value_key_idx
    ON crm_contacts.custom_value (workspace_id, field_id, key, contact_id);
COMMENT ON TABLE crm_contacts.custom_value
    IS 'Values of such fields; the keys of one field stand in the order of its values';
"""

_LISTS = """
CREATE TABLE crm_contacts.contact_list (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    key text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT contact_list_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contact_list_workspace_id_key_key UNIQUE (workspace_id, key)
);
COMMENT ON TABLE crm_contacts.contact_list IS 'Lists that people put contacts on';
CREATE TABLE crm_contacts.list_member (
    workspace_id uuid NOT NULL,
    list_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT list_member_pkey PRIMARY KEY (workspace_id, list_id, contact_id),
    CONSTRAINT list_member_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT list_member_workspace_id_list_id_fkey FOREIGN KEY (workspace_id, list_id)
        REFERENCES crm_contacts.contact_list (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX list_member_contact_id_idx
    ON crm_contacts.list_member (workspace_id, contact_id, list_id);
COMMENT ON TABLE crm_contacts.list_member IS 'Which contacts are on which lists';
CREATE TABLE crm_contacts.segment (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    key text COLLATE "C" NOT NULL,
    conditions json NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT segment_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT segment_workspace_id_key_key UNIQUE (workspace_id, key)
);
COMMENT ON TABLE crm_contacts.segment
    IS 'Filters by a name; who is in one is found when it is asked';
"""
_NOTES = """
CREATE TABLE crm_contacts.contact_note (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    text text NOT NULL,
    author_id uuid,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    CONSTRAINT contact_note_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contact_note_workspace_id_subject_id_fkey FOREIGN KEY (workspace_id, subject_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_note_subject_id_idx
    ON crm_contacts.contact_note (workspace_id, subject_id, id);
COMMENT ON TABLE crm_contacts.contact_note
    IS 'What people wrote about contacts, and who did; nobody where a service did';
"""


def upgrade() -> None:
    """Create the tables; no workspace has fields, lists, segments or notes yet."""
    op.execute(_CUSTOM)
    op.execute(_LISTS)
    op.execute(_NOTES)


def downgrade() -> None:
    """Drop them with all values."""
    for table in (
        "contact_note",
        "segment",
        "list_member",
        "contact_list",
        "custom_value",
        "custom_field",
    ):
        op.execute(f"DROP TABLE crm_contacts.{table}")
