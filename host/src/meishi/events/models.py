"""The tables of the event log, and of its delivery."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from meishi.database.column_types import Snapshot, TransactionId
from meishi.events.log import DB_SCHEMA

metadata = MetaData(schema=DB_SCHEMA)


def _now(name: str) -> Column[object]:
    """Return a column that says when its row was written, by the database's clock."""
    now = text("clock_timestamp()")
    return Column(name, DateTime(timezone=True), nullable=False, server_default=now)


def _time(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=True)


def _number(name: str, *, default: str | None = None) -> Column[object]:
    value = None if default is None else text(default)
    return Column(name, BigInteger, nullable=False, server_default=value)


def _count(name: str) -> Column[object]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _position() -> tuple[Column[object], ...]:
    """Return the columns of a place in the log."""
    return _number("tick"), _number("upto"), _number("pos")


def _subscription(*, key: bool = True) -> Column[object]:
    """Return the column that names a subscription, whose rows go with it."""
    owner = ForeignKey(f"{DB_SCHEMA}.subscription.name", ondelete="CASCADE")
    return Column("subscription", Text, owner, primary_key=key, nullable=False)


event = Table(
    "event",
    metadata,
    Column("xid", TransactionId(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("pos", BigInteger, Identity(always=True, cache=1), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("workspace_id", Uuid, nullable=True),
    Column("subject", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    _now("time"),
    Column("trace", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    Index("event_xid_pos", "xid", "pos"),
    postgresql_partition_by="RANGE (pos)",
)

epoch = Table(
    "epoch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("system_identifier", Text, nullable=False),
    _now("began_at"),
)

tick = Table(
    "tick",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("snap", Snapshot(), nullable=False),
    _now("at"),
    _number("before_pos"),
    _number("low_pos"),
    _number("last_pos"),
    Index("tick_last_pos", "last_pos", "id"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("name", Text, primary_key=True),
    Column("plugin", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("slots", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("barrier", BigInteger, nullable=True),
    _now("created_at"),
    CheckConstraint("state IN ('live', 'paused', 'backfilling')", name="subscription_state_check"),
)

cursor = Table(
    "cursor",
    metadata,
    _subscription(),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("owner", Uuid, nullable=True),
    _number("fence", default="0"),
    _time("lease_until"),
    _number("replay_pos", default="0"),
    Column("replay_shown", Snapshot(), nullable=True),
    Column("replay_left", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
)

progress = Table(
    "progress",
    metadata,
    Column("subscription", Text, primary_key=True),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    *_position(),
    Column("attempt_pos", BigInteger, nullable=True),
    _count("attempt_size"),
    _count("attempt_count"),
    Column("attempt_by", Text, nullable=True),
    _number("delivered", default="0"),
    Column("latency", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    Column("latency_seconds", Double, nullable=False, server_default=text("0")),
    _now("at"),
    ForeignKeyConstraint(
        ["subscription", "slot"],
        [f"{DB_SCHEMA}.cursor.subscription", f"{DB_SCHEMA}.cursor.slot"],
        ondelete="CASCADE",
    ),
)

parked = Table(
    "parked",
    metadata,
    _subscription(),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("workspace", Uuid, nullable=True),
    Column("key", Text, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    _count("attempts"),
    _time("next_at"),
    Column("error", Text, nullable=True),
    _now("parked_at"),
    _time("failed_at"),
    CheckConstraint("state IN ('retry', 'held', 'dead')", name="parked_state_check"),
    Index("parked_key", "subscription", "key", "workspace", "pos"),
    Index(
        "parked_due",
        "subscription",
        "slot",
        "next_at",
        postgresql_where=text("state = 'retry'"),
    ),
)

gap = Table(
    "gap",
    metadata,
    _subscription(),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("workspace", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    *_position(),
    _now("opened_at"),
    Column("cause", Text, nullable=False, server_default=text("'operator'")),
    CheckConstraint("state IN ('open', 'draining')", name="gap_state_check"),
    CheckConstraint("cause IN ('operator', 'switch')", name="gap_cause_check"),
)

backfill = Table(
    "backfill",
    metadata,
    _subscription(),
    Column("workspace", Uuid, primary_key=True),
    Column("next", Text, nullable=True),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    _count("attempts"),
    _time("next_at"),
    Column("error", Text, nullable=True),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subscription", Text, nullable=False),
    Column("event_id", Uuid, nullable=True),
    Column("pos", BigInteger, nullable=True),
    Column("type", Text, nullable=True),
    Column("workspace", Uuid, nullable=True),
    Column("key", Text, nullable=True),
    Column("action", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    _now("at"),
    Index("decision_subscription", "subscription", "at"),
)

worker = Table(
    "worker",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    _now("started_at"),
    _now("seen_at"),
)
