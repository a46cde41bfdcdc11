"""Photos of contacts, as they were made anew."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from crm_contacts.models.columns import metadata, text_column
from crm_contacts.models.contacts import of_contact

contact_photo = Table(
    "contact_photo",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    text_column("media_type", nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    text_column("digest", nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("thumbnail", LargeBinary, nullable=False),
    Column("other_id", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("origin_id", Uuid),
    text_column("source"),
    PrimaryKeyConstraint("workspace_id", "contact_id"),
    of_contact(),
    comment="What contacts look like; from another contact where a merge took it",
)
