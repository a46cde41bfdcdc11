"""Identity's tables. Those with a `workspace_id` are under row security."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("identity")


def _created_at() -> Column[object]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


workspace = Table(
    "workspace",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    _created_at(),
)

user = Table(
    "user",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    _created_at(),
)

membership = Table(
    "membership",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    _created_at(),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    ForeignKeyConstraint(["workspace_id"], [workspace.c.id], ondelete="CASCADE"),
    ForeignKeyConstraint(["user_id"], [user.c.id], ondelete="CASCADE"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=True),
    Column("expires_at", DateTime(timezone=True), nullable=True),
    Column("revoked_at", DateTime(timezone=True), nullable=True),
    _created_at(),
    Column("operator", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"],
        [membership.c.workspace_id, membership.c.user_id],
        ondelete="CASCADE",
    ),
)
