"""Keys for filters and sorts, tables of words for search, JSON as it is shown."""

from __future__ import annotations

import unicodedata

from alembic import op
from sqlalchemy import text

revision = "crm_contacts_0002"
down_revision = "crm_contacts_0001"

_PARTS = ("email", "phone", "link", "address")
_KEYS = {
    "name": "full_name",
    "given_name": "given_name",
    "family_name": "family_name",
    "organisation": "organisation",
    "title": "title",
}

_PLAIN = str.maketrans(
    dict(zip("łøđðþæœ\u0131ħ", ("l", "o", "d", "d", "th", "ae", "oe", "i", "h"), strict=True))
)

_TABLES = """
CREATE TABLE crm_contacts.word (
    workspace_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    CONSTRAINT word_pkey PRIMARY KEY (workspace_id, word)
);
COMMENT ON TABLE crm_contacts.word IS
    'Every word of a workspace''s contacts once, for search by parts and with typing errors';
CREATE TABLE crm_contacts.contact_word (
    workspace_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    contact_id uuid NOT NULL,
    weight smallint NOT NULL,
    CONSTRAINT contact_word_pkey PRIMARY KEY (workspace_id, word, contact_id),
    CONSTRAINT contact_word_workspace_id_contact_id_fkey FOREIGN KEY (workspace_id, contact_id)
        REFERENCES crm_contacts.contact (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE crm_contacts.contact_word IS
    'Which contacts a search for a word finds, and how much the word says about them';
CREATE INDEX contact_word_contact_id_idx
    ON crm_contacts.contact_word (workspace_id, contact_id);
CREATE INDEX contact_updated_at_idx ON crm_contacts.contact (workspace_id, updated_at, id);
CREATE INDEX contact_deleted_idx ON crm_contacts.contact (workspace_id, id)
    WHERE deleted_at IS NOT NULL;
"""

_NEW_TYPE = """
ALTER TABLE crm_contacts.{table} RENAME COLUMN {column} TO old_{column};
ALTER TABLE crm_contacts.{table} ADD COLUMN {column} {kind};
UPDATE crm_contacts.{table} SET {column} = {value};
ALTER TABLE crm_contacts.{table} ALTER COLUMN {column} SET NOT NULL;
ALTER TABLE crm_contacts.{table} DROP COLUMN old_{column};
"""
#: Parameters are an object where they are shown; they were stored as pairs.
_OBJECT = (
    "(SELECT coalesce(json_object_agg(pair ->> 0, pair -> 1), '{{}}')"
    " FROM jsonb_array_elements({pairs}) AS pair)"
)
_PAIRS = (
    "(SELECT coalesce(jsonb_agg(jsonb_build_array(key, value)), '[]')"
    " FROM json_each({document}) AS pair)"
)
_RAW_OBJECTS = (
    "(SELECT coalesce(json_agg(json_build_object('name', item -> 'name', 'value', item -> 'value',"
    " 'group', item -> 'group', 'parameters', "
    + _OBJECT.format(pairs="item -> 'parameters'")
    + ")), '[]') FROM jsonb_array_elements(old_raw) AS item)"
)
_RAW_PAIRS = (
    "(SELECT coalesce(jsonb_agg(jsonb_build_object('name', item -> 'name', 'value',"
    " item -> 'value', 'group', item -> 'group', 'parameters', "
    + _PAIRS.format(document="item -> 'parameters'")
    + ")), '[]') FROM json_array_elements(old_raw) AS item)"
)

_ADD_KEY = """
ALTER TABLE crm_contacts.contact
    ADD COLUMN {name}_key text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX contact_{name}_key_idx ON crm_contacts.contact (workspace_id, {name}_key, id)
    WHERE deleted_at IS NULL;
"""
_NORMALISED = """
ALTER TABLE crm_contacts.{table} ALTER COLUMN normalised TYPE text COLLATE "C"
    USING left(normalised, 250);
CREATE INDEX {table}_normalised_idx
    ON crm_contacts.{table} (workspace_id, normalised, contact_id);
"""

_CONTACTS = "SELECT workspace_id, id, {columns} FROM crm_contacts.contact".format(
    columns=", ".join(_KEYS.values())
)
_SET_KEYS = (
    "UPDATE crm_contacts.contact SET "
    + ", ".join(f"{name}_key = :{name}" for name in _KEYS)
    + " WHERE workspace_id = :workspace AND id = :contact"
)


def upgrade() -> None:
    """Add columns, tables and indexes, and fill the columns of the contacts that are there."""
    op.execute(_TABLES)
    for table in _PARTS:
        value = _OBJECT.format(pairs="old_parameters")
        _convert(table, "parameters", "json", value)
    _convert("contact", "raw", "json", _RAW_OBJECTS)
    for name in _KEYS:
        op.execute(_ADD_KEY.format(name=name))
    for table in ("email", "phone"):
        op.execute(_NORMALISED.format(table=table))
    _fill()
    for name in _KEYS:
        op.execute(f"ALTER TABLE crm_contacts.contact ALTER COLUMN {name}_key DROP DEFAULT")


def downgrade() -> None:
    """Take them away; what the words said stands in the contacts still."""
    op.execute("DROP TABLE crm_contacts.contact_word, crm_contacts.word")
    op.execute("DROP INDEX crm_contacts.contact_updated_at_idx, crm_contacts.contact_deleted_idx")
    for name in _KEYS:
        op.execute(f"ALTER TABLE crm_contacts.contact DROP COLUMN {name}_key")
    for table in ("email", "phone"):
        op.execute(f"DROP INDEX crm_contacts.{table}_normalised_idx")
        op.execute(
            f"ALTER TABLE crm_contacts.{table} ALTER COLUMN normalised TYPE text"
            ' COLLATE pg_catalog."default"'
        )
    for table in _PARTS:
        value = _PAIRS.format(document="old_parameters")
        _convert(table, "parameters", "jsonb", value)
    _convert("contact", "raw", "jsonb", _RAW_PAIRS)


def _convert(table: str, column: str, kind: str, value: str) -> None:
    op.execute(text(_NEW_TYPE.format(table=table, column=column, kind=kind, value=value)))


def _fill() -> None:
    """Give every contact its keys, in the forms of this revision; words come with the next."""
    bind = op.get_bind()
    for row in bind.execute(text(_CONTACTS)).mappings().all():
        keys = {name: _folded(row[column]) for name, column in _KEYS.items()}
        place = {"workspace": row["workspace_id"], "contact": row["id"]}
        bind.execute(text(_SET_KEYS), place | keys)


def _folded(written: str | None) -> str:
    folded = unicodedata.normalize("NFKC", written or "").casefold()
    parts = unicodedata.normalize("NFKD", " ".join(folded.split()))
    bare = "".join(item for item in parts if not unicodedata.combining(item))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)[:250]
