"""Tags, custom values and notes are searched; letters are looked for apart from all else."""

from alembic import op

from crm_contacts.migrations import search_0016, search_0019, words_0019

revision = "crm_contacts_0019"
down_revision = "crm_contacts_0018"

_KEY = """
ALTER TABLE crm_contacts.contact_word DROP CONSTRAINT contact_word_pkey,
    ADD CONSTRAINT contact_word_pkey PRIMARY KEY (workspace_id, word, contact_id{weight}
"""
_LETTERS = """
CREATE INDEX word_letters_idx ON crm_contacts.word (workspace_id, word) WHERE word !~ '[0-9@]'
"""
_SORTED = """
DROP INDEX crm_contacts.contact_{name}_key_idx;
CREATE INDEX contact_{name}_key_idx
    ON crm_contacts.contact (workspace_id, {name}_key, id) {include} WHERE deleted_at IS NULL;
"""
_KEYS = ("given_name", "family_name", "organisation", "title")
#: Those of the contacts themselves have other weights.
_ATTACHED = "DELETE FROM crm_contacts.contact_word WHERE weight IN (3, 2, 0)"
#: Addresses stand behind an @, so that none is between the words that begin alike.
_MOVED = """
WITH moved AS (DELETE FROM crm_contacts.{table} WHERE {which} RETURNING *)
INSERT INTO crm_contacts.{table} ({columns})
SELECT {moved} FROM moved ON CONFLICT DO NOTHING;
"""
#: Lets the server know the setting that the function has, also where there are no words yet.
_KNOWN = "SELECT meishi_extensions.similarity('', '')"
#: The columns of each table, the word first.
_TABLES = {
    "word": ("word", "workspace_id"),
    "contact_word": ("word", "workspace_id", "contact_id", "weight"),
}


def upgrade() -> None:
    """Let the weight tell where a word is from; add beginnings, and what is attached."""
    _move("strpos(word, '@') > 0", "left('@' || word, 64)")
    op.execute(words_0019.BEGINNINGS)
    op.execute(_KEY.format(weight=", weight)"))
    op.execute(_LETTERS)
    for name in _KEYS:
        op.execute(_SORTED.format(name=name, include="INCLUDE (name_key, created_at, updated_at)"))
    words_0019.fill(op.get_bind())
    op.execute(_KNOWN)
    op.execute(search_0019.SEARCH)


def downgrade() -> None:
    """Forget the words of what is attached; beginnings of words stay, as they find the same."""
    op.execute("DROP INDEX crm_contacts.word_letters_idx")
    for name in _KEYS:
        op.execute(_SORTED.format(name=name, include=""))
    op.execute(_ATTACHED)
    op.execute(_KEY.format(weight=") INCLUDE (weight)"))
    _move("starts_with(word, '@')", "substr(word, 2)")
    op.execute(_KNOWN)
    op.execute(search_0016.SEARCH)


def _move(which: str, word: str) -> None:
    for table, columns in _TABLES.items():
        moved = ", ".join((word, *columns[1:]))
        op.execute(_MOVED.format(table=table, which=which, columns=", ".join(columns), moved=moved))
