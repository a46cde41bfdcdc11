"""Notes that people write about contacts."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from crm_contacts.models.columns import metadata, text_column
from crm_contacts.models.contacts import of_contact

contact_note = Table(
    "contact_note",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    text_column("text", nullable=False),
    Column("author_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("edited_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id"),
    of_contact("subject_id"),
    comment="What people wrote about contacts, and who did; nobody where a service did",
)
Index(
    "contact_note_subject_id_idx",
    contact_note.c.workspace_id,
    contact_note.c.subject_id,
    contact_note.c.id,
)
