"""Tables of the social graph, all of them under row security."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("crm_graph")

#: People, as far as questions about them need: what the contact service says of each.
node = Table(
    "node",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text),
    Column("organisation_key", Text),
    PrimaryKeyConstraint("workspace_id", "id"),
)
Index(
    "node_organisation_key_idx",
    node.c.workspace_id,
    node.c.organisation_key,
    node.c.id,
    postgresql_where=text("organisation_key IS NOT NULL"),
)

#: Ids of contacts that were merged, and of those that stand for them.
alias = Table(
    "alias",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("stands_for", Uuid, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
)
Index("alias_stands_for_idx", alias.c.workspace_id, alias.c.stands_for)

#: `low` is the smaller id; `direction` is 1 from it to the other, -1 the other way, 0 if mutual.
evidence = Table(
    "evidence",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("low", Uuid, nullable=False),
    Column("high", Uuid, nullable=False),
    Column("direction", SmallInteger, nullable=False, info={"examples": (0, 1, -1)}),
    Column("weight", Double, nullable=False),
    Column("occurred_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "source", "key", "low", "high"),
)
Index("evidence_pair_idx", evidence.c.workspace_id, evidence.c.low, evidence.c.high)
Index("evidence_high_idx", evidence.c.workspace_id, evidence.c.high)

#: Evidence as it was before its contact was merged, to give it back; `towards` is 1 from `id` to
#: the `other`, -1 the other way, 0 if mutual.
moved_evidence = Table(
    "moved_evidence",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("other", Uuid, nullable=False),
    Column("towards", SmallInteger, nullable=False, info={"examples": (0, 1, -1)}),
    Column("weight", Double, nullable=False),
    Column("occurred_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("workspace_id", "id", "source", "key", "other"),
)
Index("moved_evidence_other_idx", moved_evidence.c.workspace_id, moved_evidence.c.other)
Index(
    "moved_evidence_key_idx",
    moved_evidence.c.workspace_id,
    moved_evidence.c.source,
    moved_evidence.c.key,
)

#: Sums of evidence in both directions: what `held` counts in full, what `met` fades (`strength`).
tie = Table(
    "tie",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("low", Uuid, nullable=False),
    Column("high", Uuid, nullable=False),
    Column("held_forward", Double, nullable=False),
    Column("held_backward", Double, nullable=False),
    Column("met_forward", Double, nullable=False),
    Column("met_backward", Double, nullable=False),
    PrimaryKeyConstraint("workspace_id", "low", "high"),
)
Index("tie_high_idx", tie.c.workspace_id, tie.c.high)

#: One row: how often the graph has changed, and what of it was drawn. A `stamp` is of one version
#: for ever, also where the transaction that made the version was undone. A drawing is wanted since
#: the first change that was not drawn, and was asked for last at `asked_at`.
state = Table(
    "state",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("stamp", Uuid, nullable=False),
    Column("moved_at", DateTime(timezone=True)),
    Column("wanted_at", DateTime(timezone=True)),
    Column("asked_at", DateTime(timezone=True)),
    Column("drawn_version", BigInteger),
    Column("drawn_at", DateTime(timezone=True)),
    Column("modularity", Double),
    Column("next_community", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id"),
)

community = Table(
    "community",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Integer, nullable=False),
    Column("name", Text),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id"),
)

place = Table(
    "place",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("community", Integer, nullable=False),
    Column("x", Double, nullable=False),
    Column("y", Double, nullable=False),
    PrimaryKeyConstraint("workspace_id", "contact_id"),
)
