"""The tables of the jobs; those of Procrastinate, in the same db_schema, are its own affair."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

from meishi.database.foreign_tables import FOREIGN_TABLES

DB_SCHEMA = "meishi_jobs"

#: Tables that Procrastinate's own statements make, and change.
QUEUE_TABLES = frozenset(
    {
        "procrastinate_events",
        "procrastinate_jobs",
        "procrastinate_periodic_defers",
        "procrastinate_workers",
    }
)

metadata = MetaData(schema=DB_SCHEMA, info={FOREIGN_TABLES: QUEUE_TABLES})

_NOW = text("clock_timestamp()")

#: What we know of a job besides: how often it was begun, and how often it failed. `attempt` is
#: the fence of whoever is at it: a run with a lower one has no say.
run = Table(
    "run",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("operation", Uuid),
    Column("workspace", Uuid),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Index("run_operation", "operation", unique=True),
    Index("run_finished_at", "finished_at"),
)

#: Why attempts failed, for operators.
failure = Table(
    "failure",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("error", Text, nullable=False),
)

#: Until when the ticks of a schedule have been acted on.
schedule = Table(
    "schedule",
    metadata,
    Column("job", Text, primary_key=True),
    Column("cron", Text, nullable=False),
    Column("last_tick", DateTime(timezone=True), nullable=False),
)

#: Which of Procrastinate's workers a process of ours is.
process = Table(
    "process",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("worker_id", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Index("process_worker_id", "worker_id"),
)

#: How many runs of a job have ended, how, and how long they took in all.
outcome = Table(
    "outcome",
    metadata,
    Column("job", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("runs", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
)
