"""The table of the event log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from meishi.database.column_types import TransactionId
from meishi.events.log import DB_SCHEMA

metadata = MetaData(schema=DB_SCHEMA)

event = Table(
    "event",
    metadata,
    Column("pos", BigInteger, Identity(always=True, cache=1)),
    Column("xid", TransactionId(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("workspace_id", Uuid, nullable=True),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column(
        "time",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("clock_timestamp()"),
    ),
    Column("trace", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    PrimaryKeyConstraint("time", "pos", name="event_pkey"),
    Index("event_xid_pos", "xid", "pos"),
    postgresql_partition_by="RANGE (time)",
)
