"""What contacts have said to being reached, and what they look like."""

from alembic import op

revision = "crm_contacts_0015"
down_revision = "crm_contacts_0014"

_CONSENT = """
CREATE TABLE crm_contacts.consent (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    reached_by text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    given_at timestamptz,
    how text,
    origin text NOT NULL,
    other_id uuid,
    recorder_id uuid,
    recorded_at timestamptz NOT NULL,
    counts boolean NOT NULL,
    CONSTRAINT consent_pkey PRIMARY KEY (workspace_id, contact_id, reached_by, number),
    CONSTRAINT consent_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX consent_state_key
    ON crm_contacts.consent (workspace_id, reached_by, state, contact_id) WHERE counts;
COMMENT ON TABLE crm_contacts.consent
    IS 'What contacts have said to being reached; of each channel the highest number counts';
"""

_PHOTO = """
CREATE TABLE crm_contacts.contact_photo (
    workspace_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    digest text NOT NULL,
    content bytea NOT NULL,
    thumbnail bytea NOT NULL,
    other_id uuid,
    changed_at timestamptz NOT NULL,
    CONSTRAINT contact_photo_pkey PRIMARY KEY (workspace_id, contact_id),
    CONSTRAINT contact_photo_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE crm_contacts.contact_photo
    IS 'What contacts look like; from another contact where a merge took it';
"""


def upgrade() -> None:
    """Create the tables; nobody has said anything yet, and photos of cards stay as they are."""
    op.execute(_CONSENT)
    op.execute(_PHOTO)


def downgrade() -> None:
    """Drop them with all that they hold."""
    op.execute("DROP TABLE crm_contacts.contact_photo")
    op.execute("DROP TABLE crm_contacts.consent")
