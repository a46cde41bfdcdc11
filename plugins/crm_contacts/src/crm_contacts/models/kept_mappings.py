"""Mappings of tables that are kept for the next file with the same columns."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.models.columns import holding, key_column, metadata, texts_column

kept_mapping = Table(
    "kept_mapping",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    key_column("key"),
    texts_column("headings"),
    Column("mapping", JSON, nullable=False, info=holding([{"columns": []}])),
    Column("used_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "key"),
    comment="What columns became in imports; the key is the digest of their headings",
)
