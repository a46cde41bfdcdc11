"""Tables of the QR generator, all of them under row security."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
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
    text,
)

from meishi.sdk.changes import change_column, change_index
from meishi.sdk.database import plugin_metadata
from qr.contract import CardField, CodeKind, ErrorCorrection, ExchangeState

metadata = plugin_metadata("qr")

card = Table(
    "card",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False, info={"examples": tuple(CardField)}),
    Column("slug", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Uuid),
    change_column(),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("slug"),
)
change_index(card)
Index("card_contact_id_idx", card.c.workspace_id, card.c.contact_id, card.c.id)

code = Table(
    "code",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("card_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False, info={"examples": tuple(CodeKind)}),
    Column("error_correction", Text, nullable=False, info={"examples": tuple(ErrorCorrection)}),
    Column("content", Text, nullable=False),
    Column("short_code", Text),
    Column("label", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    change_column(),
    PrimaryKeyConstraint("workspace_id", "id"),
    ForeignKeyConstraint(["workspace_id", "card_id"], [card.c.workspace_id, card.c.id]),
    UniqueConstraint("short_code"),
)
change_index(code)
Index("code_card_id_idx", code.c.workspace_id, code.c.card_id, code.c.id)
Index(
    "code_deleted_idx",
    code.c.workspace_id,
    code.c.id,
    postgresql_where=text("deleted_at IS NOT NULL"),
)

exchange = Table(
    "exchange",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("card_id", Uuid, nullable=False),
    Column("submission_id", Uuid, nullable=False),
    Column("state", Text, nullable=False, info={"examples": tuple(ExchangeState)}),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("organisation", Text),
    Column("title", Text),
    Column("note", Text),
    Column("content", LargeBinary),
    Column("consent_version", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_purpose", Text, nullable=False),
    Column("visitor_contact_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id"),
    ForeignKeyConstraint(["workspace_id", "card_id"], [card.c.workspace_id, card.c.id]),
    UniqueConstraint("workspace_id", "submission_id"),
    UniqueConstraint("workspace_id", "card_id", "content"),
)
Index("exchange_card_id_idx", exchange.c.workspace_id, exchange.c.card_id, exchange.c.id)
Index("exchange_state_idx", exchange.c.workspace_id, exchange.c.state, exchange.c.id)
Index(
    "exchange_visitor_contact_id_idx",
    exchange.c.workspace_id,
    exchange.c.visitor_contact_id,
    exchange.c.id,
)

moved = Table(
    "moved",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False, info={"examples": ("card", "exchange")}),
    Column("id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "kind", "id", "contact_id"),
    comment="Whose a card or exchange was before its contact was merged, to give it back",
)
Index("moved_contact_id_idx", moved.c.workspace_id, moved.c.contact_id)
