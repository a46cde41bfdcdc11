"""The tables of what the host remembers of requests."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

DB_SCHEMA = "meishi_requests"

metadata = MetaData(schema=DB_SCHEMA)

_NOW = text("clock_timestamp()")

#: The answers to requests that were made under a key, to be given again.
answer = Table(
    "answer",
    metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("user_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Index("answer_at", "at"),
)

#: When somebody may make all their requests again, in nanoseconds; a crash fills all buckets.
bucket = Table(
    "bucket",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("full_at", BigInteger, nullable=False),
    Index("bucket_full_at", "full_at"),
    prefixes=["UNLOGGED"],
)
