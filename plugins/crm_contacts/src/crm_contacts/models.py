"""Tables of the contact service, all of them under row security."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("crm_contacts")


def _text(name: str, *, nullable: bool = True) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


def _texts(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False)


contact = Table(
    "contact",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    _text("kind", nullable=False),
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
    Column("raw", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id"),
)
UID_INDEX = Index(
    "contact_uid_key",
    contact.c.workspace_id,
    contact.c.uid,
    unique=True,
    postgresql_where=text("deleted_at IS NULL"),
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
        Column("parameters", JSONB, nullable=False),
        PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
        ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            [contact.c.workspace_id, contact.c.id],
            ondelete="CASCADE",
        ),
    )


email = _part_of_contact(
    "email", _text("address", nullable=False), _text("normalised", nullable=False)
)
phone = _part_of_contact(
    "phone", _text("number", nullable=False), _text("normalised", nullable=False)
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
