"""By what contacts are found again: words, and fingerprints of what came in."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)

from crm_contacts.models.columns import holding, key_column, metadata
from crm_contacts.models.contacts import of_contact
from crm_contacts.words import ATTACHED, OF_DRAFT

fingerprint = Table(
    "fingerprint",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("content_key", LargeBinary, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "content_key"),
    of_contact(),
    comment="Every content and UID under which a contact ever came in",
)
Index("fingerprint_contact_id_idx", fingerprint.c.workspace_id, fingerprint.c.contact_id)

word = Table(
    "word",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    key_column("word"),
    PrimaryKeyConstraint("workspace_id", "word"),
    comment="Every word of a workspace's contacts once, for search by parts and with typing errors",
)
#: In other words than the next index, or that would be read in its place, all of it.
Index(
    "word_letters_idx",
    word.c.workspace_id,
    word.c.word,
    postgresql_where=text("word ~ '^[^0-9@]*$'"),
)
#: Nearly all words of a large workspace have digits: names are looked for apart from those.
for _name, _condition in (
    ("word_trigrams_idx", "word !~ '[0-9@]'"),
    ("word_numbered_trigrams_idx", "word ~ '[0-9]' AND strpos(word, '@') = 0"),
):
    Index(
        _name,
        word.c.workspace_id,
        word.c.word,
        postgresql_using="gin",
        postgresql_ops={"word": "meishi_extensions.gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 512},
        postgresql_where=text(_condition),
    )

contact_word = Table(
    "contact_word",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    key_column("word"),
    Column("contact_id", Uuid, nullable=False),
    Column("weight", SmallInteger, nullable=False, info=holding((*OF_DRAFT, *ATTACHED))),
    PrimaryKeyConstraint("workspace_id", "word", "contact_id", "weight"),
    of_contact(),
    comment="Which contacts a search for a word finds, and how much the word says about them",
)
#: A contact's words are read from the index alone, as those of many are compared in a search.
Index(
    "contact_word_contact_id_idx",
    contact_word.c.workspace_id,
    contact_word.c.contact_id,
    postgresql_include=["word", "weight"],
)
