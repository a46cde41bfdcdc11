"""Fields that a workspace has besides those of all contacts, and their values."""

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

from crm_contacts.contract import CustomFieldType
from crm_contacts.models.columns import (
    holding,
    kept_columns,
    key_column,
    metadata,
    text_column,
    texts_column,
)
from crm_contacts.models.contacts import of_contact

custom_field = Table(
    "custom_field",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    key_column("key"),
    text_column("title", nullable=False),
    text_column("type", nullable=False, examples=CustomFieldType),
    texts_column("choices"),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "key"),
    comment="Fields that a workspace has besides those of all contacts",
)

custom_value = Table(
    "custom_value",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("field_id", Uuid, nullable=False),
    Column("value", JSON, nullable=False, info=holding(['"x"'])),
    key_column("key"),
    *kept_columns(),
    PrimaryKeyConstraint("workspace_id", "contact_id", "field_id"),
    of_contact(),
    ForeignKeyConstraint(
        ["workspace_id", "field_id"],
        [custom_field.c.workspace_id, custom_field.c.id],
        ondelete="CASCADE",
    ),
    comment="Values of such fields; the keys of one field stand in the order of its values",
)
Index(
    "custom_value_key_idx",
    custom_value.c.workspace_id,
    custom_value.c.field_id,
    custom_value.c.key,
    custom_value.c.contact_id,
    postgresql_include=["readers"],
)
