"""The tables of the switches."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

DB_SCHEMA = "meishi_plugins"

metadata = MetaData(schema=DB_SCHEMA)

epoch = Table(
    "epoch",
    metadata,
    Column("one", Boolean, nullable=False, server_default=text("true")),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("one", name="epoch_pkey"),
    CheckConstraint("one", name="epoch_one_check"),
)

deployment_switch = Table(
    "deployment_switch",
    metadata,
    Column("plugin", Text(collation="C"), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("workspaces", Text, nullable=False),
    PrimaryKeyConstraint("plugin", name="deployment_switch_pkey"),
    CheckConstraint(
        "workspaces IN ('on', 'off', 'forced')", name="deployment_switch_workspaces_check"
    ),
)

# Of the deployment, too: every process knows the choices of all workspaces.
workspace_switch = Table(
    "workspace_switch",
    metadata,
    Column("workspace", Uuid, nullable=False),
    Column("plugin", Text(collation="C"), nullable=False),
    Column("enabled", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace", "plugin", name="workspace_switch_pkey"),
)

# `workspace` says where something was switched, and is None for everywhere.
change = Table(
    "change",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("plugin", Text(collation="C"), nullable=False),
    Column("workspace", Uuid, nullable=True),
    Column("said", Text, nullable=False),
    Column("actor", Uuid, nullable=True),
    PrimaryKeyConstraint("id", name="change_pkey"),
)

# `url` is where a moved plugin is. While it is on its way there is a `step`, which counts `until`
# then: who moves it may have died.
place = Table(
    "place",
    metadata,
    Column("plugin", Text(collation="C"), nullable=False),
    Column("url", Text, nullable=True),
    Column("step", Text, nullable=True),
    Column("until", DateTime(timezone=True), nullable=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("plugin", name="place_pkey"),
    CheckConstraint("step IN ('settling', 'held')", name="place_step_check"),
    CheckConstraint("(step IS NULL) = (until IS NULL)", name="place_until_check"),
)
