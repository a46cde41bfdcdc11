"""Lists of contacts, segments, which are filters by a name, and notes."""

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
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.models.columns import holding, key_column, metadata, text_column
from crm_contacts.models.contacts import of_contact

contact_list = Table(
    "contact_list",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    text_column("name", nullable=False),
    key_column("key"),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "key"),
    comment="Lists that people put contacts on",
)

list_member = Table(
    "list_member",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("list_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "list_id", "contact_id"),
    of_contact(),
    ForeignKeyConstraint(
        ["workspace_id", "list_id"],
        [contact_list.c.workspace_id, contact_list.c.id],
        ondelete="CASCADE",
    ),
    comment="Which contacts are on which lists",
)
Index(
    "list_member_contact_id_idx",
    list_member.c.workspace_id,
    list_member.c.contact_id,
    list_member.c.list_id,
)

segment = Table(
    "segment",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    text_column("name", nullable=False),
    key_column("key"),
    Column("conditions", JSON, nullable=False, info=holding([[]])),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "key"),
    comment="Filters by a name; who is in one is found when it is asked",
)
