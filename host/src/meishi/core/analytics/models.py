"""The table of what was counted, under row security."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, PrimaryKeyConstraint, Table, Text, Uuid

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("analytics")

roll_up = Table(
    "roll_up",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("metric", Text(collation="C"), nullable=False),
    Column("day", Date, nullable=False),
    Column("labels", Text(collation="C"), nullable=False, info={"examples": ("{}",)}),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace_id", "metric", "day", "labels"),
)
