"""Identity's tables. Those with a `workspace_id` are under row security."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
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
    Column("password_hash", Text, nullable=True),
    Column("verified_at", DateTime(timezone=True), nullable=True),
    Column("operator", Boolean, nullable=False, server_default=text("false")),
    Column("locale", Text, nullable=True),
    Column("wanted_email", Text, nullable=True),
    Column("service", Boolean, nullable=False, server_default=text("false")),
    Column("referral", Text, nullable=True),
)

membership = Table(
    "membership",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    _created_at(),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    Index("membership_user_id_created_at_idx", "user_id", "created_at"),
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
    Column("last_used_at", DateTime(timezone=True), nullable=True),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"],
        [membership.c.workspace_id, membership.c.user_id],
        ondelete="CASCADE",
    ),
)

session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False, index=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("at_workspace", Uuid, nullable=True),
    Column("user_agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["user_id"], [user.c.id], ondelete="CASCADE"),
)

#: Links in mails, of which a person has at most one for each purpose; set-up links are nobody's.
account_link = Table(
    "account_link",
    metadata,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Uuid, nullable=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("user_id", "purpose"),
    ForeignKeyConstraint(["user_id"], [user.c.id], ondelete="CASCADE"),
)

#: Wrong passwords, by a keyed hash of whose account it was, or of where they came from.
attempt = Table(
    "attempt",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("closed_until", DateTime(timezone=True), nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("invited_by", Uuid, nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "email"),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(["workspace_id"], [workspace.c.id], ondelete="CASCADE"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    _created_at(),
    PrimaryKeyConstraint("workspace_id", "digest"),
    ForeignKeyConstraint(["workspace_id"], [workspace.c.id], ondelete="CASCADE"),
    comment="Digests of addresses and numbers that were erased in a workspace",
)

suppressed_everywhere = Table(
    "suppressed_everywhere",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _created_at(),
    comment="Digests of addresses and numbers that were erased from the whole deployment",
)
