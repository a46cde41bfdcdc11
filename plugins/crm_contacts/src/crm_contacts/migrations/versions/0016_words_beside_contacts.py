"""Search in large workspaces: names apart from numbers, and words of contacts in an index."""

from alembic import op

from crm_contacts.migrations import search_0003, search_0016

revision = "crm_contacts_0016"
down_revision = "crm_contacts_0015"

_OF_CONTACTS = """
DROP INDEX crm_contacts.contact_word_contact_id_idx;
CREATE INDEX contact_word_contact_id_idx
    ON crm_contacts.contact_word (workspace_id, contact_id) {include};
"""
_TRIGRAMS = """
CREATE INDEX {name} ON crm_contacts.word
    USING gin (workspace_id, word meishi_extensions.gin_trgm_ops)
    WITH (gin_pending_list_limit = 512) WHERE {condition};
"""


def upgrade() -> None:
    """Have the words of a contact in its index; part that of trigrams.

    Functions come after indexes, both ways: with those their setting is known.
    """
    op.execute(_OF_CONTACTS.format(include="INCLUDE (word, weight)"))
    op.execute("DROP INDEX crm_contacts.word_trigrams_idx")
    op.execute(_TRIGRAMS.format(name="word_trigrams_idx", condition="word !~ '[0-9@]'"))
    numbered = "word ~ '[0-9]' AND strpos(word, '@') = 0"
    op.execute(_TRIGRAMS.format(name="word_numbered_trigrams_idx", condition=numbered))
    op.execute(search_0016.SEARCH)


def downgrade() -> None:
    """Search as before."""
    op.execute("DROP INDEX crm_contacts.word_trigrams_idx, crm_contacts.word_numbered_trigrams_idx")
    op.execute(_TRIGRAMS.format(name="word_trigrams_idx", condition="strpos(word, '@') = 0"))
    op.execute(search_0003.SEARCH.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute(_OF_CONTACTS.format(include=""))
