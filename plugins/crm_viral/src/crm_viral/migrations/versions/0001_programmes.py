"""Programmes, who takes part, what happens, and the ledger."""

from alembic import op

revision = "crm_viral_0001"
down_revision = None

_PROGRAMME = """
CREATE TABLE crm_viral.programme (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    unit text NOT NULL,
    referrer_reward bigint NOT NULL,
    referee_reward bigint NOT NULL,
    window_days integer NOT NULL,
    person_cap bigint,
    budget bigint,
    spent bigint NOT NULL,
    rule_version integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT programme_pkey PRIMARY KEY (workspace_id, id)
);
"""

_PARTICIPANT = """
CREATE TABLE crm_viral.participant (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    user_id uuid NOT NULL,
    earned bigint NOT NULL,
    joined_at timestamptz NOT NULL,
    CONSTRAINT participant_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT participant_workspace_id_programme_id_user_id_key
        UNIQUE (workspace_id, programme_id, user_id),
    CONSTRAINT participant_workspace_id_programme_id_fkey
        FOREIGN KEY (workspace_id, programme_id) REFERENCES crm_viral.programme (workspace_id, id)
);
CREATE INDEX participant_programme_id_idx ON crm_viral.participant (workspace_id, programme_id, id);
CREATE INDEX participant_joined_at_idx
    ON crm_viral.participant (workspace_id, programme_id, joined_at);
CREATE INDEX participant_user_id_idx ON crm_viral.participant (workspace_id, user_id, id);

CREATE TABLE crm_viral.link (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    code text NOT NULL,
    label text,
    created_at timestamptz NOT NULL,
    CONSTRAINT link_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT link_code_key UNIQUE (code),
    CONSTRAINT link_workspace_id_programme_id_fkey
        FOREIGN KEY (workspace_id, programme_id) REFERENCES crm_viral.programme (workspace_id, id),
    CONSTRAINT link_workspace_id_participant_id_fkey FOREIGN KEY (workspace_id, participant_id)
        REFERENCES crm_viral.participant (workspace_id, id)
);
CREATE INDEX link_programme_id_idx ON crm_viral.link (workspace_id, programme_id, id);
CREATE INDEX link_participant_id_idx ON crm_viral.link (workspace_id, participant_id, id);
"""

_TOUCH = """
CREATE TABLE crm_viral.touch (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    link_id uuid NOT NULL,
    visitor bytea NOT NULL,
    channel text,
    placement text,
    at timestamptz NOT NULL,
    CONSTRAINT touch_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT touch_workspace_id_link_id_fkey
        FOREIGN KEY (workspace_id, link_id) REFERENCES crm_viral.link (workspace_id, id)
);
CREATE INDEX touch_programme_id_idx ON crm_viral.touch (workspace_id, programme_id, id);
CREATE INDEX touch_link_id_idx ON crm_viral.touch (workspace_id, link_id, at);
CREATE INDEX touch_visitor_idx ON crm_viral.touch (workspace_id, visitor, at);
"""

_CONVERSION = """
CREATE TABLE crm_viral.conversion (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    touch_id uuid,
    referrer_id uuid NOT NULL,
    referee_id uuid NOT NULL,
    method text NOT NULL,
    rule_version integer NOT NULL,
    explanation jsonb NOT NULL,
    referrer_amount bigint NOT NULL,
    referee_amount bigint NOT NULL,
    referee_workspace_id uuid,
    converted_at timestamptz NOT NULL,
    reversed_at timestamptz,
    version integer NOT NULL,
    CONSTRAINT conversion_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT conversion_workspace_id_programme_id_referee_id_key
        UNIQUE (workspace_id, programme_id, referee_id),
    CONSTRAINT conversion_self_referral_check CHECK (referrer_id <> referee_id),
    CONSTRAINT conversion_workspace_id_programme_id_fkey
        FOREIGN KEY (workspace_id, programme_id) REFERENCES crm_viral.programme (workspace_id, id),
    CONSTRAINT conversion_workspace_id_participant_id_fkey
        FOREIGN KEY (workspace_id, participant_id)
        REFERENCES crm_viral.participant (workspace_id, id)
);
CREATE INDEX conversion_programme_id_idx ON crm_viral.conversion (workspace_id, programme_id, id);
CREATE INDEX conversion_participant_id_idx
    ON crm_viral.conversion (workspace_id, participant_id, converted_at);
CREATE INDEX conversion_referee_id_idx ON crm_viral.conversion (workspace_id, referee_id);
CREATE INDEX conversion_owed_idx ON crm_viral.conversion (workspace_id, referee_id)
    WHERE referee_workspace_id IS NULL AND referee_amount > 0 AND reversed_at IS NULL;
"""

# What was promised is not rewritten: whoever finds a line wrong adds one that takes it back.
_LEDGER = """
CREATE TABLE crm_viral.entry (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    rule text NOT NULL,
    programme_id uuid NOT NULL,
    conversion_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    amount bigint NOT NULL,
    unit text NOT NULL,
    rule_version integer NOT NULL,
    cause_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT entry_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT entry_workspace_id_kind_rule_conversion_id_beneficiary_id_key
        UNIQUE (workspace_id, kind, rule, conversion_id, beneficiary_id),
    CONSTRAINT entry_workspace_id_cause_id_key UNIQUE (workspace_id, cause_id),
    CONSTRAINT entry_sign_check CHECK (
        CASE kind WHEN 'accrue' THEN amount > 0 ELSE amount < 0 AND cause_id IS NOT NULL END
    ),
    CONSTRAINT entry_workspace_id_cause_id_fkey
        FOREIGN KEY (workspace_id, cause_id) REFERENCES crm_viral.entry (workspace_id, id)
);
CREATE INDEX entry_programme_id_idx ON crm_viral.entry (workspace_id, programme_id, id);
CREATE INDEX entry_conversion_id_idx ON crm_viral.entry (workspace_id, conversion_id);
CREATE FUNCTION crm_viral.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only: add a reversal'; END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON crm_viral.entry
    FOR EACH STATEMENT EXECUTE FUNCTION crm_viral.refuse_change();
"""

# Who follows a link, signs up, or founds a workspace says nothing of the programme's: the owner
# looks it up, past row security, and hands out nothing but ids.
_RESOLVE_LINK = """
CREATE FUNCTION crm_viral.resolve_link(wanted text)
RETURNS TABLE (workspace_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT l.workspace_id, l.id FROM crm_viral.link l WHERE l.code = wanted $$
"""
_RESOLVE_REFEREE = """
CREATE FUNCTION crm_viral.resolve_referee(wanted uuid)
RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.workspace_id FROM crm_viral.conversion c
    WHERE c.referee_id = wanted AND c.referee_workspace_id IS NULL AND c.referee_amount > 0
        AND c.reversed_at IS NULL
$$
"""

_TABLES = ("entry", "conversion", "touch", "link", "participant", "programme")


def upgrade() -> None:
    """Create tables and functions."""
    for statement in (_PROGRAMME, _PARTICIPANT, _TOUCH, _CONVERSION, _LEDGER):
        op.execute(statement)
    op.execute(_RESOLVE_LINK)
    op.execute(_RESOLVE_REFEREE)


def downgrade() -> None:
    """Drop them; what was promised is forgotten."""
    op.execute("DROP FUNCTION crm_viral.resolve_referee(uuid)")
    op.execute("DROP FUNCTION crm_viral.resolve_link(text)")
    for table in _TABLES:
        op.execute(f"DROP TABLE crm_viral.{table}")
    op.execute("DROP FUNCTION crm_viral.refuse_change()")
