"""Photos that the cards of imports brought, and which of them are photos of contacts by now."""

from alembic import op

revision = "crm_contacts_0022"
down_revision = "crm_contacts_0021"
phase = "expand"

_INTAKE = """
CREATE TABLE crm_contacts.photo_intake (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    found integer NOT NULL,
    taken integer NOT NULL,
    unfit integer NOT NULL,
    beyond integer NOT NULL,
    octets bigint NOT NULL,
    operation_id uuid,
    CONSTRAINT photo_intake_pkey PRIMARY KEY (workspace_id, import_id),
    CONSTRAINT photo_intake_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
"""
_PHOTO = """
CREATE TABLE crm_contacts.import_photo (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    source text COLLATE "C" NOT NULL,
    taken boolean NOT NULL,
    CONSTRAINT import_photo_pkey PRIMARY KEY (workspace_id, import_id, contact_id),
    CONSTRAINT import_photo_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT import_photo_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX import_photo_contact_id_idx ON crm_contacts.import_photo (workspace_id, contact_id);
CREATE INDEX import_photo_waiting_idx
    ON crm_contacts.import_photo (workspace_id, import_id, contact_id) WHERE NOT taken;
COMMENT ON TABLE crm_contacts.import_photo
    IS 'Photos in cards of imports: they wait, or were taken; the source is the digest of one';
"""


def upgrade() -> None:
    """Add the tables, and where photos come from; those of imports before stay in their cards."""
    op.execute(_INTAKE)
    op.execute(_PHOTO)
    op.execute(
        "ALTER TABLE crm_contacts.contact_photo ADD COLUMN origin_id uuid,"
        ' ADD COLUMN source text COLLATE "C"'
    )


def downgrade() -> None:
    """Drop them; the photos stay, as if somebody had put them there."""
    op.execute("ALTER TABLE crm_contacts.contact_photo DROP COLUMN source, DROP COLUMN origin_id")
    op.execute("DROP TABLE crm_contacts.import_photo")
    op.execute("DROP TABLE crm_contacts.photo_intake")
