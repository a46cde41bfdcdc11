"""The table of entries, under row security; the rights of audit's role let nobody change a row."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from meishi.audit.entry import Outcome

DB_SCHEMA = "audit"

metadata = MetaData(schema=DB_SCHEMA)

entry = Table(
    "entry",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column(
        "outcome",
        Text(collation="C"),
        nullable=False,
        info={"examples": tuple(item.value for item in Outcome)},
    ),
    Column("action", Text(collation="C"), nullable=False),
    Column("plugin", Text(collation="C"), nullable=False),
    Column("permission", Text(collation="C"), nullable=True),
    Column("status", SmallInteger, nullable=True),
    Column("user_id", Uuid, nullable=True),
    Column("token_id", Uuid, nullable=True),
    Column("session_id", Uuid, nullable=True),
    Column("resource_type", Text(collation="C"), nullable=True),
    Column("resource_id", Text(collation="C"), nullable=True),
    Column("changed", ARRAY(Text), nullable=False),
    Column("address", Text, nullable=True),
    Column("correlation", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="entry_pkey"),
)
Index("entry_at_idx", entry.c.workspace_id, entry.c.at, entry.c.id)
for _name in ("user_id", "action", "plugin", "resource_type", "resource_id"):
    Index(f"entry_{_name}_idx", entry.c.workspace_id, entry.c[_name], entry.c.at, entry.c.id)
#: Denied access is rare, and so this one costs what is done nothing.
Index(
    "entry_denied_idx",
    entry.c.workspace_id,
    entry.c.at,
    entry.c.id,
    postgresql_where=text("outcome = 'denied'"),
)
