"""Tables of the viral engine, all of them under row security."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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
from sqlalchemy.dialects.postgresql import JSONB

from crm_viral.contract import AttributionMethod, EntryKind, ProgrammeState, RewardRule
from meishi.sdk.database import APPEND_ONLY, plugin_metadata

metadata = plugin_metadata("crm_viral")


def _own() -> tuple[Column[object], Column[object]]:
    return Column("workspace_id", Uuid, nullable=False), Column("id", Uuid, nullable=False)


def _id(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Uuid, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _amount(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, BigInteger, nullable=nullable)


programme = Table(
    "programme",
    metadata,
    *_own(),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False, info={"examples": tuple(ProgrammeState)}),
    _moment("starts_at"),
    _moment("ends_at", nullable=True),
    Column("unit", Text, nullable=False),
    _amount("referrer_reward"),
    _amount("referee_reward"),
    Column("window_days", Integer, nullable=False),
    _amount("person_cap", nullable=True),
    _amount("budget", nullable=True),
    _amount("spent"),
    Column("rule_version", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    PrimaryKeyConstraint("workspace_id", "id"),
)

participant = Table(
    "participant",
    metadata,
    *_own(),
    _id("programme_id"),
    _id("user_id"),
    _amount("earned"),
    _moment("joined_at"),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "programme_id", "user_id"),
    ForeignKeyConstraint(
        ["workspace_id", "programme_id"], [programme.c.workspace_id, programme.c.id]
    ),
)
Index(
    "participant_programme_id_idx",
    participant.c.workspace_id,
    participant.c.programme_id,
    participant.c.id,
)
Index(
    "participant_joined_at_idx",
    participant.c.workspace_id,
    participant.c.programme_id,
    participant.c.joined_at,
)
Index(
    "participant_user_id_idx", participant.c.workspace_id, participant.c.user_id, participant.c.id
)

link = Table(
    "link",
    metadata,
    *_own(),
    _id("programme_id"),
    _id("participant_id"),
    Column("code", Text, nullable=False),
    Column("label", Text),
    _moment("created_at"),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("code"),
    ForeignKeyConstraint(
        ["workspace_id", "programme_id"], [programme.c.workspace_id, programme.c.id]
    ),
    ForeignKeyConstraint(
        ["workspace_id", "participant_id"], [participant.c.workspace_id, participant.c.id]
    ),
)
Index("link_programme_id_idx", link.c.workspace_id, link.c.programme_id, link.c.id)
Index("link_participant_id_idx", link.c.workspace_id, link.c.participant_id, link.c.id)

#: `visitor` is a keyed digest of what the browser has; erased people's are emptied.
touch = Table(
    "touch",
    metadata,
    *_own(),
    _id("programme_id"),
    _id("link_id"),
    Column("visitor", LargeBinary, nullable=False),
    Column("channel", Text),
    Column("placement", Text),
    _moment("at"),
    PrimaryKeyConstraint("workspace_id", "id"),
    ForeignKeyConstraint(["workspace_id", "link_id"], [link.c.workspace_id, link.c.id]),
)
Index("touch_programme_id_idx", touch.c.workspace_id, touch.c.programme_id, touch.c.id)
Index("touch_link_id_idx", touch.c.workspace_id, touch.c.link_id, touch.c.at)
Index("touch_visitor_idx", touch.c.workspace_id, touch.c.visitor, touch.c.at)

conversion = Table(
    "conversion",
    metadata,
    *_own(),
    _id("programme_id"),
    _id("participant_id"),
    _id("link_id"),
    _id("touch_id", nullable=True),
    _id("referrer_id"),
    _id("referee_id"),
    Column("method", Text, nullable=False, info={"examples": tuple(AttributionMethod)}),
    Column("rule_version", Integer, nullable=False),
    Column(
        "explanation",
        JSONB,
        nullable=False,
        info={"examples": ({"touches": [], "rewards": []},)},
    ),
    _amount("referrer_amount"),
    _amount("referee_amount"),
    _id("referee_workspace_id", nullable=True),
    _moment("converted_at"),
    _moment("reversed_at", nullable=True),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "programme_id", "referee_id"),
    CheckConstraint("referrer_id <> referee_id", name="self_referral"),
    ForeignKeyConstraint(
        ["workspace_id", "programme_id"], [programme.c.workspace_id, programme.c.id]
    ),
    ForeignKeyConstraint(
        ["workspace_id", "participant_id"], [participant.c.workspace_id, participant.c.id]
    ),
)
Index(
    "conversion_programme_id_idx",
    conversion.c.workspace_id,
    conversion.c.programme_id,
    conversion.c.id,
)
Index(
    "conversion_participant_id_idx",
    conversion.c.workspace_id,
    conversion.c.participant_id,
    conversion.c.converted_at,
)
Index(
    "conversion_owed_idx",
    conversion.c.workspace_id,
    conversion.c.referee_id,
    postgresql_where=text(
        "referee_workspace_id IS NULL AND referee_amount > 0 AND reversed_at IS NULL"
    ),
)
Index("conversion_referee_id_idx", conversion.c.workspace_id, conversion.c.referee_id)

#: The ledger. Our role may not change or delete a line, and a trigger lets nobody; a reversal is
#: another one.
entry = Table(
    "entry",
    metadata,
    *_own(),
    Column("kind", Text, nullable=False, info={"examples": (EntryKind.ACCRUE,)}),
    Column("rule", Text, nullable=False, info={"examples": tuple(RewardRule)}),
    _id("programme_id"),
    _id("conversion_id"),
    _id("beneficiary_id"),
    Column("amount", BigInteger, nullable=False, info={"examples": (500,)}),
    Column("unit", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    _id("cause_id", nullable=True),
    _moment("at"),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "kind", "rule", "conversion_id", "beneficiary_id"),
    UniqueConstraint("workspace_id", "cause_id"),
    CheckConstraint(
        "CASE kind WHEN 'accrue' THEN amount > 0 ELSE amount < 0 AND cause_id IS NOT NULL END",
        name="sign",
    ),
    ForeignKeyConstraint(
        ["workspace_id", "cause_id"], ["crm_viral.entry.workspace_id", "crm_viral.entry.id"]
    ),
    comment=APPEND_ONLY,
)
Index("entry_programme_id_idx", entry.c.workspace_id, entry.c.programme_id, entry.c.id)
Index("entry_conversion_id_idx", entry.c.workspace_id, entry.c.conversion_id)
