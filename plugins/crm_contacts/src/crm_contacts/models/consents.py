"""What contacts have said to being reached, record by record."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    text,
)

from crm_contacts.contract import ConsentChannel, ConsentOrigin, ConsentState
from crm_contacts.models.columns import metadata, text_column
from crm_contacts.models.contacts import of_contact

consent = Table(
    "consent",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    text_column("reached_by", nullable=False, examples=ConsentChannel),
    Column("number", Integer, nullable=False),
    text_column("state", nullable=False, examples=ConsentState),
    Column("given_at", DateTime(timezone=True)),
    text_column("how"),
    text_column("origin", nullable=False, examples=ConsentOrigin),
    Column("other_id", Uuid),
    Column("recorder_id", Uuid),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("counts", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace_id", "contact_id", "reached_by", "number"),
    of_contact(),
    comment="What contacts have said to being reached; of each channel the highest number counts",
)
Index(
    "consent_state_key",
    consent.c.workspace_id,
    consent.c.reached_by,
    consent.c.state,
    consent.c.contact_id,
    unique=True,  # so that a page begins in it
    postgresql_where=text("counts"),
)
