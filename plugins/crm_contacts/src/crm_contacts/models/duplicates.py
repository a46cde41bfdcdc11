"""What finds duplicates: blocking keys, pairs, how common names are; and what was merged."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from crm_contacts.contract import DuplicateState
from crm_contacts.models.columns import holding, key_column, metadata, text_column
from crm_contacts.models.contacts import contact, of_contact

duplicate_key = Table(
    "duplicate_key",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "key", "contact_id"),
    of_contact(),
    comment="Blocking keys: contacts that share one are compared",
)
Index("duplicate_key_contact_id_idx", duplicate_key.c.workspace_id, duplicate_key.c.contact_id)

duplicate_pair = Table(
    "duplicate_pair",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("low_id", Uuid, nullable=False),
    Column("high_id", Uuid, nullable=False),
    text_column("state", nullable=False, examples=DuplicateState),
    Column("score", Integer, nullable=False, info=holding((0, 1250))),
    Column("evidence", JSON, nullable=False, info=holding([[]])),
    Column("version", Integer, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "low_id", "high_id"),
    *(
        ForeignKeyConstraint(
            ["workspace_id", end],
            [contact.c.workspace_id, contact.c.id],
            ondelete="CASCADE",
        )
        for end in ("low_id", "high_id")
    ),
    comment="Contacts that may be one, the smaller id first; scores in hundredths of a bit",
)
Index("duplicate_pair_high_id_idx", duplicate_pair.c.workspace_id, duplicate_pair.c.high_id)
Index(
    "duplicate_pair_score_idx",
    duplicate_pair.c.workspace_id,
    duplicate_pair.c.state,
    duplicate_pair.c.score,
    duplicate_pair.c.id,
)

name_count = Table(
    "name_count",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    text_column("field", nullable=False, examples=("given", "family")),
    key_column("form"),
    Column("contacts", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "field", "form"),
    comment="How many contacts have a name, as the last scan found them; '' counts all",
)

duplicate_scan = Table(
    "duplicate_scan",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("last_id", Uuid, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("done", "total", "found", "certain")),
    Column("operation_id", Uuid),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id"),
    comment="Passes over all contacts, and how far each has come",
)

contact_merge = Table(
    "contact_merge",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("target_id", Uuid, nullable=False),
    Column("before", JSON, nullable=False, info=holding([{}])),
    Column("after", JSON, nullable=False, info=holding([{}])),
    Column("led", ARRAY(Uuid), nullable=False),
    Column("fingerprints", ARRAY(LargeBinary), nullable=False),
    Column("relationships", JSON, nullable=False, info=holding([[]])),
    Column("notes", ARRAY(Uuid), nullable=False),
    Column("lists", ARRAY(Uuid), nullable=False),
    Column("merged_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    *(
        ForeignKeyConstraint(
            ["workspace_id", end],
            [contact.c.workspace_id, contact.c.id],
            ondelete="CASCADE",
        )
        for end in ("source_id", "target_id")
    ),
    comment="What a contact said before and after it took another one, to take that back",
)
for _name in ("source_id", "target_id"):
    Index(f"contact_merge_{_name}_idx", contact_merge.c.workspace_id, contact_merge.c[_name])
