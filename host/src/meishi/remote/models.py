"""The tables of what the host remembers of services elsewhere."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, LargeBinary, MetaData, Table, Text, Uuid, text

DB_SCHEMA = "meishi_remote"

metadata = MetaData(schema=DB_SCHEMA)

#: The answers to commands that came from elsewhere, to be given again.
answer = Table(
    "answer",
    metadata,
    Column("key", Uuid, primary_key=True),
    Column("call", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("answer_at", "at"),
)

#: How far the feed of each neighbour was followed, and what keeps it from going on.
followed = Table(
    "followed",
    metadata,
    Column("place", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("fault", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)

#: The events of neighbours that are in the log here.
inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("inbox_at", "at"),
)

#: The plugins that a move has brought here; what is here of one that is elsewhere is left over.
received = Table(
    "received",
    metadata,
    Column("plugin", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
