"""Duplicates: blocking keys, pairs, how common names are, scans; and merges to be taken back.

The keys of contacts that are there are written by the first page of the backfill, and by every
scan: what they are made of is the engine's, and may change with it.
"""

from alembic import op

revision = "crm_contacts_0010"
down_revision = "crm_contacts_0009"

_TABLES = """
CREATE TABLE crm_contacts.duplicate_key (
    workspace_id uuid NOT NULL,
    key bigint NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT duplicate_key_pkey PRIMARY KEY (workspace_id, key, contact_id),
    CONSTRAINT duplicate_key_workspace_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX duplicate_key_contact_id_idx
    ON crm_contacts.duplicate_key (workspace_id, contact_id);
COMMENT ON TABLE crm_contacts.duplicate_key
    IS 'Blocking keys: contacts that share one are compared';

CREATE TABLE crm_contacts.duplicate_pair (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    low_id uuid NOT NULL,
    high_id uuid NOT NULL,
    state text NOT NULL,
    score integer NOT NULL,
    evidence json NOT NULL,
    version integer NOT NULL,
    found_at timestamptz NOT NULL,
    decided_at timestamptz,
    CONSTRAINT duplicate_pair_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT duplicate_pair_workspace_id_low_id_high_id_key
        UNIQUE (workspace_id, low_id, high_id),
    CONSTRAINT duplicate_pair_workspace_id_low_id_fkey FOREIGN KEY (workspace_id, low_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT duplicate_pair_workspace_id_high_id_fkey FOREIGN KEY (workspace_id, high_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX duplicate_pair_high_id_idx ON crm_contacts.duplicate_pair (workspace_id, high_id);
CREATE INDEX duplicate_pair_score_idx
    ON crm_contacts.duplicate_pair (workspace_id, state, score, id);
COMMENT ON TABLE crm_contacts.duplicate_pair
    IS 'Contacts that may be one, the smaller id first; scores in hundredths of a bit';

CREATE TABLE crm_contacts.name_count (
    workspace_id uuid NOT NULL,
    field text NOT NULL,
    form text COLLATE "C" NOT NULL,
    contacts integer NOT NULL,
    CONSTRAINT name_count_pkey PRIMARY KEY (workspace_id, field, form)
);
COMMENT ON TABLE crm_contacts.name_count
    IS 'How many contacts have a name, as the last scan found them; '''' counts all';

CREATE TABLE crm_contacts.duplicate_scan (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    last_id uuid NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    found integer NOT NULL,
    certain integer NOT NULL,
    operation_id uuid,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT duplicate_scan_pkey PRIMARY KEY (workspace_id, id)
);
COMMENT ON TABLE crm_contacts.duplicate_scan
    IS 'Passes over all contacts, and how far each has come';

CREATE TABLE crm_contacts.contact_merge (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    source_id uuid NOT NULL,
    target_id uuid NOT NULL,
    before json NOT NULL,
    after json NOT NULL,
    led uuid[] NOT NULL,
    fingerprints bytea[] NOT NULL,
    relationships json NOT NULL,
    notes uuid[] NOT NULL,
    lists uuid[] NOT NULL,
    merged_at timestamptz NOT NULL,
    CONSTRAINT contact_merge_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contact_merge_workspace_id_source_id_fkey FOREIGN KEY (workspace_id, source_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT contact_merge_workspace_id_target_id_fkey FOREIGN KEY (workspace_id, target_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_merge_source_id_idx ON crm_contacts.contact_merge (workspace_id, source_id);
CREATE INDEX contact_merge_target_id_idx ON crm_contacts.contact_merge (workspace_id, target_id);
COMMENT ON TABLE crm_contacts.contact_merge
    IS 'What a contact said before and after it took another one, to take that back';
"""
_NAMES = ("contact_merge", "duplicate_scan", "name_count", "duplicate_pair", "duplicate_key")


def upgrade() -> None:
    """Create the tables; nothing is known of duplicates yet."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop them; what was merged stays so."""
    for name in _NAMES:
        op.execute(f"DROP TABLE crm_contacts.{name}")
