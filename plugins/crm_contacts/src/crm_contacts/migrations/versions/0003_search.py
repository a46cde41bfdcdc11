"""Search: words, their trigrams, a function that ranks contacts; indexes that lists lacked."""

from alembic import op

from crm_contacts.migrations import search_0003, words_0003

revision = "crm_contacts_0003"
down_revision = "crm_contacts_0002"

#: Email addresses are left out: nearly all have the trigrams of `.com` in common, and their words
#: are there. What waits to be indexed is read by every search, so that has an end, too.
_INDEXES = """
CREATE INDEX word_trigrams_idx ON crm_contacts.word
    USING gin (workspace_id, word meishi_extensions.gin_trgm_ops)
    WITH (gin_pending_list_limit = 512) WHERE strpos(word, '@') = 0;
CREATE INDEX contact_created_at_idx ON crm_contacts.contact (workspace_id, created_at, id);
CREATE INDEX contact_kind_idx ON crm_contacts.contact (workspace_id, kind, id)
    WHERE deleted_at IS NULL;
"""
_NAMES = ("word_trigrams_idx", "contact_created_at_idx", "contact_kind_idx")

#: A word's contacts and weights are read from the index alone.
_KEY = """
ALTER TABLE crm_contacts.contact_word DROP CONSTRAINT contact_word_pkey,
    ADD CONSTRAINT contact_word_pkey PRIMARY KEY (workspace_id, word, contact_id) {include}
"""


def upgrade() -> None:
    """Fill the words of the contacts that are there; create the indexes and the function."""
    words_0003.fill(op.get_bind())
    op.execute(_INDEXES)
    op.execute(_KEY.format(include="INCLUDE (weight)"))
    op.execute(search_0003.SEARCH)


def downgrade() -> None:
    """Drop indexes and function; the words stay."""
    op.execute("DROP FUNCTION crm_contacts.search_contacts(text[], text[], text[])")
    op.execute(_KEY.format(include=""))
    for name in _NAMES:
        op.execute(f"DROP INDEX crm_contacts.{name}")
