"""What has become of each contact, change by change."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.contract import ActorKind, ChangeAction, ChangeSource
from crm_contacts.models.columns import holding, metadata, text_column
from crm_contacts.models.contacts import of_contact

contact_change = Table(
    "contact_change",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    text_column("action", nullable=False, examples=ChangeAction),
    text_column("source", nullable=False, examples=ChangeSource),
    Column("origin_id", Uuid),
    Column("source_row", Integer),
    text_column("actor", nullable=False, examples=ActorKind),
    Column("actor_id", Uuid),
    Column("fields", JSON, nullable=False, info=holding([[]])),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "contact_id", "version"),
    of_contact(),
    comment="What changed about contacts, from what and to what, where from, and who did",
)
Index(
    "contact_change_origin_id_idx",
    contact_change.c.workspace_id,
    contact_change.c.origin_id,
    contact_change.c.contact_id,
    contact_change.c.version,
    postgresql_where=text("origin_id IS NOT NULL"),
)
