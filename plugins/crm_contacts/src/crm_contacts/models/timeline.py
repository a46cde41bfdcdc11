"""What other plugins' events tell of contacts."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.models.columns import holding, metadata, text_column
from crm_contacts.models.contacts import of_contact

timeline_entry = Table(
    "timeline_entry",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    text_column("source", nullable=False),
    text_column("plugin", nullable=False),
    Column("actor_id", Uuid),
    Column("details", JSON, nullable=False, info=holding([[]])),
    PrimaryKeyConstraint("workspace_id", "contact_id", "id"),
    of_contact(),
    comment="Events that plugins want told on the timelines of contacts",
)
