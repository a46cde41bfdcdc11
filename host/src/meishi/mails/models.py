"""The table of mails that are not sent yet."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text, Uuid, text

DB_SCHEMA = "meishi_mails"

metadata = MetaData(schema=DB_SCHEMA)

#: What was sent is gone from here: who wrote what to whom is kept no longer than it is needed.
#: It belongs to no workspace, as accounts do not, and no other part of the host can read it.
mail = Table(
    "mail",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text(collation="C"), nullable=False),
    Column("message_id", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=True),
    Column(
        "asked_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("clock_timestamp()"),
    ),
)
Index("mail_asked_at_idx", mail.c.asked_at)
