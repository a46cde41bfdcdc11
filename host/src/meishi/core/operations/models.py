"""The table of operations, under row security."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from meishi.core.operations.contract import OperationState
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("meishi_operations")

operation = Table(
    "operation",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("kind", Text(collation="C"), nullable=False),
    Column("subject", Text, nullable=True),
    Column(
        "state",
        Text(collation="C"),
        nullable=False,
        info={"examples": tuple(state.value for state in OperationState)},
    ),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=True),
    Column("unit", Text, nullable=True),
    Column("result", Text, nullable=True, info={"examples": ('{"created": 120}',)}),
    Column("error_code", Text, nullable=True),
    Column("error_title", Text, nullable=True),
    Column("error_detail", Text, nullable=True),
    Column("cancel_requested", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_by", Uuid, nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=True),
    Column("finished_at", DateTime(timezone=True), nullable=True),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
)
for _name in ("kind", "state"):
    Index(f"operation_{_name}_idx", operation.c.workspace_id, operation.c[_name], operation.c.id)
Index("operation_finished_at_idx", operation.c.workspace_id, operation.c.finished_at)
