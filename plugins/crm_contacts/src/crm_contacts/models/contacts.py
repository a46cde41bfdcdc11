"""Contacts, and what each has several of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.contract import (
    ContactKind,
)
from crm_contacts.models.columns import (
    holding,
    kept_columns,
    key_column,
    metadata,
    text_column,
    texts_column,
)
from meishi.sdk.changes import change_column, change_index

#: What a contact can be filtered by as text, in columns of its folded forms: `<name>_key`.
CONTACT_KEYS = ("name", "given_name", "family_name", "organisation", "title")

contact = Table(
    "contact",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    text_column("kind", nullable=False, examples=ContactKind),
    text_column("uid"),
    text_column("full_name", nullable=False),
    text_column("given_name"),
    text_column("family_name"),
    text_column("additional_name"),
    text_column("name_prefix"),
    text_column("name_suffix"),
    texts_column("nicknames"),
    text_column("organisation"),
    texts_column("units"),
    text_column("title"),
    text_column("role"),
    text_column("birthday"),
    text_column("note"),
    Column("raw", JSON, nullable=False, info=holding([[]])),
    *(key_column(f"{name}_key") for name in CONTACT_KEYS),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    change_column(),
    Column("erased_at", DateTime(timezone=True)),
    Column("merged_into", Uuid),
    Column("owner_id", Uuid),
    *kept_columns(),
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


#: What a list is sorted by stands beside what it is filtered by, and who may read: so it is sorted
#: before contacts are read, however many have a name in common.
for _name in CONTACT_KEYS:
    Index(
        f"contact_{_name}_key_idx",
        contact.c.workspace_id,
        contact.c[f"{_name}_key"],
        contact.c.id,
        postgresql_include=[
            *([] if _name == "name" else ["name_key", "created_at", "updated_at"]),
            "readers",
        ],
        postgresql_where=text("deleted_at IS NULL"),
    )
#: The same of contacts that were found elsewhere, as members of a tag are.
Index(
    "contact_sorts_idx",
    contact.c.workspace_id,
    contact.c.id,
    postgresql_include=["name_key", "created_at", "updated_at", "readers"],
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
    "contact_owner_id_idx",
    contact.c.workspace_id,
    contact.c.owner_id,
    contact.c.id,
    postgresql_include=["readers"],
    postgresql_where=text("deleted_at IS NULL"),
)
Index(
    "contact_deleted_idx",
    contact.c.workspace_id,
    contact.c.id,
    postgresql_where=text("deleted_at IS NOT NULL"),
)


def of_contact(column: str = "contact_id") -> ForeignKeyConstraint:
    """Return what ties a row to its contact, and lets it go with that."""
    return ForeignKeyConstraint(
        ["workspace_id", column], [contact.c.workspace_id, contact.c.id], ondelete="CASCADE"
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
        texts_column("types"),
        text_column("label"),
        Column("is_primary", Boolean, nullable=False),
        Column("verified", Boolean, nullable=False, server_default=false()),
        Column("parameters", JSON, nullable=False),
        *kept_columns(),
        PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
        of_contact(),
    )


email = _part_of_contact("email", text_column("address", nullable=False), key_column("normalised"))
phone = _part_of_contact(
    "phone",
    text_column("number", nullable=False),
    key_column("normalised", examples=(f"+467012345{number:02}" for number in range(100))),
)
for _table in (email, phone):
    Index(
        f"{_table.name}_normalised_idx",
        _table.c.workspace_id,
        _table.c.normalised,
        _table.c.contact_id,
        postgresql_include=["readers"],
    )
link = _part_of_contact(
    "link", text_column("url", nullable=False), text_column("normalised", nullable=False)
)
address = _part_of_contact(
    "address",
    text_column("po_box"),
    text_column("extended"),
    text_column("street"),
    text_column("locality"),
    text_column("region"),
    text_column("postal_code"),
    text_column("country"),
    Column("normalised", Text, nullable=False, server_default="", info=holding(())),
)
held_position = Table(
    "held_position",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    text_column("organisation"),
    texts_column("units"),
    text_column("title"),
    text_column("role"),
    text_column("start_date"),
    text_column("end_date"),
    Column("current", Boolean, nullable=False),
    text_column("note"),
    *kept_columns(),
    PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
    of_contact(),
    comment="Jobs that contacts have and had; the current one in short stands in the contact",
)
