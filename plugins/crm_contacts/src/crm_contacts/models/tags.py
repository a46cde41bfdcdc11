"""Tags, which contacts have them, and edits of many contacts that are under way."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from crm_contacts.contract import TagColour
from crm_contacts.models.columns import (
    holding,
    kept_columns,
    key_column,
    metadata,
    text_column,
    texts_column,
)
from crm_contacts.models.contacts import of_contact

tag = Table(
    "tag",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    text_column("name", nullable=False),
    key_column("key"),
    text_column("colour", nullable=False, examples=TagColour),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "key"),
    comment="Words that a workspace puts on contacts; the key is the name without its case",
)

contact_tag = Table(
    "contact_tag",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("tag_id", Uuid, nullable=False),
    *kept_columns(),
    PrimaryKeyConstraint("workspace_id", "contact_id", "tag_id"),
    of_contact(),
    ForeignKeyConstraint(
        ["workspace_id", "tag_id"], [tag.c.workspace_id, tag.c.id], ondelete="CASCADE"
    ),
    comment="Which contacts have which tags",
)
Index(
    "contact_tag_tag_id_idx",
    contact_tag.c.workspace_id,
    contact_tag.c.tag_id,
    contact_tag.c.contact_id,
    postgresql_include=["readers"],
)

bulk_edit = Table(
    "bulk_edit",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("edits", JSON, nullable=False, info=holding([{}])),
    Column("conditions", JSON, nullable=False, info=holding([[]])),
    Column("contact_ids", ARRAY(Uuid)),
    texts_column("position"),
    Column("done", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("passed_over", JSON, nullable=False, server_default="{}", info=holding([{}])),
    Column("total", Integer),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    comment="What is done to many contacts, and how far it has come; gone at its end",
)
Index("bulk_edit_created_at_idx", bulk_edit.c.workspace_id, bulk_edit.c.created_at)
