"""What a contact has several of, in their order: ways to reach it, addresses, and jobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.filter_keys import ADDRESS_KEYS
from crm_contacts.models.columns import (
    holding,
    kept_columns,
    key_column,
    look_up_column,
    metadata,
    text_column,
    texts_column,
)
from crm_contacts.models.contacts import of_contact

#: The folded forms of what a job that is over was; null in one that is not.
POSITION_KEYS = ("past_organisation_key", "past_title_key")


def _part_of_contact(name: str, *columns: Column[Any]) -> Table:
    """Return a table of values that a contact has several of, in their order."""
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("contact_id", Uuid, nullable=False),
        Column("position", SmallInteger, nullable=False),
        *columns,
        texts_column("types"),
        text_column("label"),
        Column("is_primary", Boolean, nullable=False),
        Column("verified", Boolean, nullable=False, server_default=false()),
        Column("parameters", JSON, nullable=False),
        *kept_columns(),
        PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
        of_contact(),
    )


email = _part_of_contact("email", text_column("address", nullable=False), key_column("normalised"))
phone = _part_of_contact(
    "phone",
    text_column("number", nullable=False),
    key_column("normalised", examples=(f"+467012345{number:02}" for number in range(100))),
)
for _table in (email, phone):
    Index(
        f"{_table.name}_normalised_idx",
        _table.c.workspace_id,
        _table.c.normalised,
        _table.c.contact_id,
        postgresql_include=["readers"],
    )
link = _part_of_contact(
    "link",
    text_column("url", nullable=False),
    text_column("normalised", nullable=False),
    look_up_column("site_key"),
)
address = _part_of_contact(
    "address",
    text_column("po_box"),
    text_column("extended"),
    text_column("street"),
    text_column("locality"),
    text_column("region"),
    text_column("postal_code"),
    text_column("country"),
    Column("normalised", Text, nullable=False, server_default="", info=holding(())),
    *(look_up_column(f"{name}_key") for name in ADDRESS_KEYS),
)
held_position = Table(
    "held_position",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    text_column("organisation"),
    texts_column("units"),
    text_column("title"),
    text_column("role"),
    text_column("start_date"),
    text_column("end_date"),
    Column("current", Boolean, nullable=False),
    text_column("note"),
    *(look_up_column(name) for name in POSITION_KEYS),
    *kept_columns(),
    PrimaryKeyConstraint("workspace_id", "contact_id", "position"),
    of_contact(),
    comment="Jobs that contacts have and had; the current one in short stands in the contact",
)
for _table, _name in (
    (link, "site_key"),
    *((address, f"{name}_key") for name in ADDRESS_KEYS),
    *((held_position, name) for name in POSITION_KEYS),
):
    Index(
        f"{_table.name}_{_name}_idx",
        _table.c.workspace_id,
        _table.c[_name],
        _table.c.contact_id,
        postgresql_include=["readers"],
        postgresql_where=text(f"{_name} IS NOT NULL"),
    )
