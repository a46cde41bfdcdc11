"""Contacts: what each is, what it is looked up by, and what is in the indexes of lists."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.contract import (
    ContactKind,
)
from crm_contacts.filter_keys import FILLED
from crm_contacts.models.columns import (
    holding,
    kept_columns,
    key_column,
    look_up_column,
    metadata,
    text_column,
    texts_column,
)
from meishi.sdk.changes import change_column, change_index

#: What a contact can be filtered by as text, in columns of its folded forms: `<name>_key`.
CONTACT_KEYS = ("name", "given_name", "family_name", "organisation", "title")
#: The same of what most contacts do not have: null where it is missing.
CONTACT_LOOK_UPS = ("role_key", "birthday_key", "birth_day_key")

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
    *(look_up_column(name) for name in CONTACT_LOOK_UPS),
    *(
        Column(
            name,
            SmallInteger,
            nullable=False,
            server_default="0",
            info=holding(range(1 << len(fields))),
        )
        for name, fields in FILLED.items()
    ),
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
for _name in CONTACT_LOOK_UPS:
    Index(
        f"contact_{_name}_idx",
        contact.c.workspace_id,
        contact.c[_name],
        contact.c.id,
        postgresql_include=["readers"],
        postgresql_where=text(f"deleted_at IS NULL AND {_name} IS NOT NULL"),
    )
for _name in FILLED:
    Index(
        f"contact_{_name}_idx",
        contact.c.workspace_id,
        contact.c[_name],
        contact.c.id,
        postgresql_include=["readers"],
        postgresql_where=text("deleted_at IS NULL"),
    )
Index(
    "contact_private_idx",
    contact.c.workspace_id,
    contact.c.id,
    postgresql_include=["readers"],
    postgresql_where=text("deleted_at IS NULL AND readers IS NOT NULL"),
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
