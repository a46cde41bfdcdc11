"""Tables of the contact service, all of them under row security."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from crm_contacts.contract import (
    CardStatus,
    ContactKind,
    ImportFormat,
    ImportState,
    RelationshipType,
)
from crm_contacts.words import NAME, REACH, REST, WORK
from meishi.sdk.changes import change_column, change_index
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("crm_contacts")


def _text(name: str, *, nullable: bool = True, examples: Iterable[Any] = ()) -> Column[Any]:
    return Column(name, Text, nullable=nullable, info=_holding(examples))


def _holding(examples: Iterable[Any]) -> dict[str, Any]:
    """Return what tells the conformance suite which values a column holds."""
    return {"examples": tuple(examples)}


def _texts(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False)


def _key(name: str, *, examples: Iterable[Any] = ()) -> Column[Any]:
    """Return a column for exact look-ups and prefixes, in the order of code points."""
    return Column(name, Text(collation="C"), nullable=False, info=_holding(examples))


#: What a contact can be filtered by as text, in columns of its folded forms: `<name>_key`.
CONTACT_KEYS = ("name", "given_name", "family_name", "organisation", "title")

contact = Table(
    "contact",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    _text("kind", nullable=False, examples=ContactKind),
    _text("uid"),
    _text("full_name", nullable=False),
    _text("given_name"),
    _text("family_name"),
    _text("additional_name"),
    _text("name_prefix"),
    _text("name_suffix"),
    _texts("nicknames"),
    _text("organisation"),
    _texts("units"),
    _text("title"),
    _text("role"),
    _text("birthday"),
    _text("note"),
    Column("raw", JSON, nullable=False, info=_holding([[]])),
    *(_key(f"{name}_key") for name in CONTACT_KEYS),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    change_column(),
    Column("erased_at", DateTime(timezone=True)),
    Column("merged_into", Uuid),
    PrimaryKeyConstraint("workspace_id", "id"),
)
change_index(contact)
Index(
    "contact_merged_into_idx",
    contact.c.workspace_id,
    contact.c.merged_into,
    postgresql_where=text("merged_into IS NOT NULL"),
)
UID_INDEX = Index(
    "contact_uid_key",
    contact.c.workspace_id,
    contact.c.uid,
    unique=True,
    postgresql_where=text("deleted_at IS NULL"),
)


for _name in CONTACT_KEYS:
    Index(
        f"contact_{_name}_key_idx",
        contact.c.workspace_id,
        contact.c[f"{_name}_key"],
        contact.c.id,
        postgresql_where=text("deleted_at IS NULL"),
    )
for _name in ("created_at", "updated_at"):
    Index(f"contact_{_name}_idx", contact.c.workspace_id, contact.c[_name], contact.c.id)
Index(
    "contact_kind_idx",
    contact.c.workspace_id,
    contact.c.kind,
    contact.c.id,
    postgresql_where=text("deleted_at IS NULL"),
)
Index(
    "contact_deleted_idx",
    contact.c.workspace_id,
    contact.c.id,
    postgresql_where=text("deleted_at IS NOT NULL"),
)


def _part_of_contact(name: str, *columns: Column[Any]) -> Table:
    """Return a table of values that a contact has several of, in their order."""
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("contact_id", Uuid, nullable=False),
        Column("position", SmallInteger, nullable=False),
        *columns,
        _texts("types"),
        _text("label"),
        Column("is_primary", Boolean, nullable=False),
        Column("parameters", JSON, nullable=False),
        PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
        ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            [contact.c.workspace_id, contact.c.id],
            ondelete="CASCADE",
        ),
    )


email = _part_of_contact("email", _text("address", nullable=False), _key("normalised"))
phone = _part_of_contact(
    "phone",
    _text("number", nullable=False),
    _key("normalised", examples=(f"+467012345{number:02}" for number in range(100))),
)
for _table in (email, phone):
    Index(
        f"{_table.name}_normalised_idx",
        _table.c.workspace_id,
        _table.c.normalised,
        _table.c.contact_id,
    )
link = _part_of_contact("link", _text("url", nullable=False), _text("normalised", nullable=False))
address = _part_of_contact(
    "address",
    _text("po_box"),
    _text("extended"),
    _text("street"),
    _text("locality"),
    _text("region"),
    _text("postal_code"),
    _text("country"),
)

fingerprint = Table(
    "fingerprint",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("content_key", LargeBinary, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "content_key"),
    ForeignKeyConstraint(
        ["workspace_id", "contact_id"],
        [contact.c.workspace_id, contact.c.id],
        ondelete="CASCADE",
    ),
    comment="Every content and UID under which a contact ever came in",
)
Index("fingerprint_contact_id_idx", fingerprint.c.workspace_id, fingerprint.c.contact_id)

word = Table(
    "word",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    _key("word"),
    PrimaryKeyConstraint("workspace_id", "word"),
    comment="Every word of a workspace's contacts once, for search by parts and with typing errors",
)
Index(
    "word_trigrams_idx",
    word.c.workspace_id,
    word.c.word,
    postgresql_using="gin",
    postgresql_ops={"word": "meishi_extensions.gin_trgm_ops"},
    postgresql_with={"gin_pending_list_limit": 512},
    postgresql_where=text("strpos(word, '@') = 0"),
)

contact_word = Table(
    "contact_word",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    _key("word"),
    Column("contact_id", Uuid, nullable=False),
    Column("weight", SmallInteger, nullable=False, info=_holding((NAME, REACH, WORK, REST))),
    PrimaryKeyConstraint("workspace_id", "word", "contact_id", postgresql_include=["weight"]),
    ForeignKeyConstraint(
        ["workspace_id", "contact_id"],
        [contact.c.workspace_id, contact.c.id],
        ondelete="CASCADE",
    ),
    comment="Which contacts a search for a word finds, and how much the word says about them",
)
Index("contact_word_contact_id_idx", contact_word.c.workspace_id, contact_word.c.contact_id)

relationship = Table(
    "relationship",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("target_id", Uuid, nullable=False),
    _text("type", nullable=False, examples=RelationshipType),
    _text("note"),
    Column("deleted_ends", SmallInteger, nullable=False, info=_holding((0,))),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "source_id", "target_id", "type"),
    *(
        ForeignKeyConstraint(
            ["workspace_id", end],
            [contact.c.workspace_id, contact.c.id],
            ondelete="CASCADE",
        )
        for end in ("source_id", "target_id")
    ),
    comment="What contacts are to each other; shown while none of both is deleted",
)
for _name in ("source_id", "target_id"):
    Index(
        f"relationship_{_name}_idx",
        relationship.c.workspace_id,
        relationship.c[_name],
        relationship.c.id,
    )

contact_import = Table(
    "contact_import",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    _text("name"),
    _text("state", nullable=False, examples=ImportState),
    _text("format", examples=ImportFormat),
    _text("shape"),
    _texts("unmapped_columns"),
    Column("header", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("next_line", Integer, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in ("created", "updated", "unchanged", "rejected")
    ),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("operation_id", Uuid),
    PrimaryKeyConstraint("workspace_id", "id"),
)


def _part_of_import(name: str, *columns: Column[Any], key: str) -> Table:
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("import_id", Uuid, nullable=False),
        Column(key, Integer, nullable=False),
        *columns,
        PrimaryKeyConstraint("workspace_id", "import_id", key),
        ForeignKeyConstraint(
            ["workspace_id", "import_id"],
            [contact_import.c.workspace_id, contact_import.c.id],
            ondelete="CASCADE",
        ),
    )


import_piece = _part_of_import(
    "import_piece", Column("content", LargeBinary, nullable=False), key="number"
)
import_row = _part_of_import(
    "import_row",
    Column("line", Integer, nullable=False),
    _text("status", nullable=False, examples=CardStatus),
    _text("name"),
    Column("contact_id", Uuid),
    _text("reason"),
    Column("original", LargeBinary),
    key="index",
)
Index(
    "import_row_status_idx",
    import_row.c.workspace_id,
    import_row.c.import_id,
    import_row.c.status,
    import_row.c.index,
)
