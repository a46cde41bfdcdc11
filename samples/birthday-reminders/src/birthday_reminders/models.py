"""The table, under row security."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, SmallInteger, Table, Uuid

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("birthday_reminders")

birthday = Table(
    "birthday",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("month", SmallInteger, nullable=False),
    Column("day", SmallInteger, nullable=False),
    Column("told", Date, nullable=True),
    PrimaryKeyConstraint("workspace_id", "contact_id", name="birthday_pkey"),
)
Index(
    "birthday_year_idx",
    birthday.c.workspace_id,
    birthday.c.month,
    birthday.c.day,
    birthday.c.contact_id,
)
