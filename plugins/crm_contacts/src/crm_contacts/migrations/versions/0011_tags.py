"""Tags, which contacts have them, and edits of many contacts."""

from alembic import op

revision = "crm_contacts_0011"
down_revision = "crm_contacts_0010"

_TAGS = """
CREATE TABLE crm_contacts.tag (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    key text COLLATE "C" NOT NULL,
    colour text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT tag_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT tag_workspace_id_key_key UNIQUE (workspace_id, key)
);
COMMENT ON TABLE crm_contacts.tag
    IS 'Words that a workspace puts on contacts; the key is the name without its case';
CREATE TABLE crm_contacts.contact_tag (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    CONSTRAINT contact_tag_pkey PRIMARY KEY (workspace_id, contact_id, tag_id),
    CONSTRAINT contact_tag_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT contact_tag_workspace_id_tag_id_fkey FOREIGN KEY (workspace_id, tag_id)
        REFERENCES crm_contacts.tag (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_tag_tag_id_idx
    ON crm_contacts.contact_tag (workspace_id, tag_id, contact_id);
COMMENT ON TABLE crm_contacts.contact_tag IS 'Which contacts have which tags';
CREATE TABLE crm_contacts.bulk_edit (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    edits json NOT NULL,
    conditions json NOT NULL,
    contact_ids uuid[],
    position text[] NOT NULL,
    done integer NOT NULL,
    changed integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT bulk_edit_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX bulk_edit_created_at_idx ON crm_contacts.bulk_edit (workspace_id, created_at);
COMMENT ON TABLE crm_contacts.bulk_edit
    IS 'What is done to many contacts, and how far it has come; gone at its end';
"""


def upgrade() -> None:
    """Create the tables; categories that cards brought before stay among their raw properties."""
    op.execute(_TAGS)


def downgrade() -> None:
    """Drop them; contacts have no tags any more."""
    for table in ("bulk_edit", "contact_tag", "tag"):
        op.execute(f"DROP TABLE crm_contacts.{table}")
