"""Contacts, what each has several of, and the fingerprints of imported cards."""

from alembic import op

revision = "crm_contacts_0001"
down_revision = None

_CONTACT = """
CREATE TABLE crm_contacts.contact (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    uid text,
    full_name text NOT NULL,
    given_name text,
    family_name text,
    additional_name text,
    name_prefix text,
    name_suffix text,
    nicknames text[] NOT NULL,
    organisation text,
    units text[] NOT NULL,
    title text,
    role text,
    birthday text,
    note text,
    raw jsonb NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT contact_pkey PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX contact_uid_key ON crm_contacts.contact (workspace_id, uid)
    WHERE deleted_at IS NULL;
"""

_PART = """
CREATE TABLE crm_contacts.{name} (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    position smallint NOT NULL,
    {columns},
    types text[] NOT NULL,
    label text,
    is_primary boolean NOT NULL,
    parameters jsonb NOT NULL,
    CONSTRAINT {name}_pkey PRIMARY KEY (workspace_id, contact_id, position),
    CONSTRAINT {name}_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
)
"""

_PARTS = {
    "email": "address text NOT NULL, normalised text NOT NULL",
    "phone": "number text NOT NULL, normalised text NOT NULL",
    "link": "url text NOT NULL, normalised text NOT NULL",
    "address": "po_box text, extended text, street text, locality text, region text, "
    "postal_code text, country text",
}

_FINGERPRINT = """
CREATE TABLE crm_contacts.fingerprint (
    workspace_id uuid NOT NULL,
    content_key bytea NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT fingerprint_pkey PRIMARY KEY (workspace_id, content_key),
    CONSTRAINT fingerprint_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX fingerprint_contact_id_idx ON crm_contacts.fingerprint (workspace_id, contact_id);
COMMENT ON TABLE crm_contacts.fingerprint
    IS 'Every content and UID under which a contact ever came in';
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_CONTACT)
    for name, columns in _PARTS.items():
        op.execute(_PART.format(name=name, columns=columns))
    op.execute(_FINGERPRINT)


def downgrade() -> None:
    """Drop the tables."""
    for name in ("fingerprint", *_PARTS, "contact"):
        op.execute(f"DROP TABLE crm_contacts.{name}")
