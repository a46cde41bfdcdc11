"""What contacts are to each other."""

from alembic import op

revision = "crm_contacts_0009"
down_revision = "crm_contacts_0008"

_RELATIONSHIP = """
CREATE TABLE crm_contacts.relationship (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    target_id uuid NOT NULL,
    type text NOT NULL,
    note text,
    deleted_ends smallint NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT relationship_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT relationship_workspace_id_source_id_target_id_type_key
        UNIQUE (workspace_id, source_id, target_id, type),
    CONSTRAINT relationship_workspace_id_source_id_fkey FOREIGN KEY (workspace_id, source_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT relationship_workspace_id_target_id_fkey FOREIGN KEY (workspace_id, target_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX relationship_source_id_idx
    ON crm_contacts.relationship (workspace_id, source_id, id);
CREATE INDEX relationship_target_id_idx
    ON crm_contacts.relationship (workspace_id, target_id, id);
COMMENT ON TABLE crm_contacts.relationship
    IS 'What contacts are to each other; shown while none of both is deleted';
"""


def upgrade() -> None:
    """Create the table; nobody is related yet."""
    op.execute(_RELATIONSHIP)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE crm_contacts.relationship")
