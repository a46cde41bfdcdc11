"""The tables of what workspaces and users set, both under row security."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

DB_SCHEMA = "meishi_settings"

metadata = MetaData(schema=DB_SCHEMA)

workspace_settings = Table(
    "workspace_settings",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("plugin", Text(collation="C"), nullable=False),
    Column("document", Text, nullable=False, info={"examples": ('{"default_region":"SE"}',)}),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "plugin", name="workspace_settings_pkey"),
)

user_settings = Table(
    "user_settings",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("plugin", Text(collation="C"), nullable=False),
    Column("document", Text, nullable=False, info={"examples": ("{}",)}),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "user_id", "plugin", name="user_settings_pkey"),
)
