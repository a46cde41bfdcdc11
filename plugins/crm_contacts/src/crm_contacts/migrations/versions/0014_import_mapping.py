"""How tables of imports are read, as somebody chose; dry runs and undos."""

from alembic import op

revision = "crm_contacts_0014"
down_revision = "crm_contacts_0013"

_READING = """
ALTER TABLE crm_contacts.contact_import
    ADD COLUMN charset text,
    ADD COLUMN charset_chosen boolean NOT NULL DEFAULT false,
    ADD COLUMN delimiter text,
    ADD COLUMN mapping json;
ALTER TABLE crm_contacts.contact_import ALTER COLUMN charset_chosen DROP DEFAULT;
"""

_DRY_RUN = """
CREATE TABLE crm_contacts.dry_run (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    next_offset bigint NOT NULL,
    next_line integer NOT NULL,
    created integer NOT NULL,
    updated integer NOT NULL,
    unchanged integer NOT NULL,
    rejected integer NOT NULL,
    reasons json NOT NULL,
    operation_id uuid,
    completed_at timestamptz,
    CONSTRAINT dry_run_pkey PRIMARY KEY (workspace_id, import_id),
    CONSTRAINT dry_run_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE crm_contacts.dry_contact (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    draft json NOT NULL,
    CONSTRAINT dry_contact_pkey PRIMARY KEY (workspace_id, import_id, contact_id),
    CONSTRAINT dry_contact_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE crm_contacts.dry_key (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    content_key bytea NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT dry_key_pkey PRIMARY KEY (workspace_id, import_id, content_key),
    CONSTRAINT dry_key_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
"""

_UNDO = """
CREATE INDEX import_row_unchanged_idx ON crm_contacts.import_row (workspace_id, contact_id)
    WHERE status = 'unchanged';
CREATE TABLE crm_contacts.import_undo (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    position uuid,
    done integer NOT NULL,
    total integer NOT NULL,
    deleted integer NOT NULL,
    reverted integer NOT NULL,
    gone integer NOT NULL,
    kept integer NOT NULL,
    operation_id uuid,
    completed_at timestamptz,
    CONSTRAINT import_undo_pkey PRIMARY KEY (workspace_id, import_id),
    CONSTRAINT import_undo_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE crm_contacts.import_kept (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    created boolean NOT NULL,
    fields text[] NOT NULL,
    reason text NOT NULL,
    CONSTRAINT import_kept_pkey PRIMARY KEY (workspace_id, import_id, contact_id),
    CONSTRAINT import_kept_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """Add columns and tables."""
    op.execute(_READING)
    op.execute(_DRY_RUN)
    op.execute(_UNDO)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE crm_contacts.import_kept, crm_contacts.import_undo")
    op.execute("DROP INDEX crm_contacts.import_row_unchanged_idx")
    op.execute("DROP TABLE crm_contacts.dry_key, crm_contacts.dry_contact, crm_contacts.dry_run")
    op.execute(
        "ALTER TABLE crm_contacts.contact_import DROP COLUMN charset, DROP COLUMN charset_chosen,"
        " DROP COLUMN delimiter, DROP COLUMN mapping"
    )
