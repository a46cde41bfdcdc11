"""What contacts are to each other."""

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
    UniqueConstraint,
    Uuid,
)

from crm_contacts.contract import (
    RelationshipType,
)
from crm_contacts.models.columns import holding, metadata, text_column
from crm_contacts.models.contacts import contact

relationship = Table(
    "relationship",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("target_id", Uuid, nullable=False),
    text_column("type", nullable=False, examples=RelationshipType),
    text_column("note"),
    Column("deleted_ends", SmallInteger, nullable=False, info=holding((0,))),
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
