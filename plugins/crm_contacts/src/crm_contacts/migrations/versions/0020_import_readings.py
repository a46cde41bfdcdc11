"""Tables without a header, and mappings that are kept for the next file."""

from alembic import op

revision = "crm_contacts_0020"
down_revision = "crm_contacts_0019"


_KEPT = """
CREATE TABLE crm_contacts.kept_mapping (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    headings text[] NOT NULL,
    mapping json NOT NULL,
    used_at timestamptz NOT NULL,
    CONSTRAINT kept_mapping_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT kept_mapping_workspace_id_key_key UNIQUE (workspace_id, key)
);
COMMENT ON TABLE crm_contacts.kept_mapping
    IS 'What columns became in imports; the key is the digest of their headings';
"""


def upgrade() -> None:
    """Add the number of columns of such tables, and the table of mappings."""
    op.execute("ALTER TABLE crm_contacts.contact_import ADD COLUMN headerless_columns integer")
    op.execute(_KEPT)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE crm_contacts.kept_mapping")
    op.execute("ALTER TABLE crm_contacts.contact_import DROP COLUMN headerless_columns")
