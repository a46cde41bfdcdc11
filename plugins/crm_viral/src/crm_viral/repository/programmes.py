"""Statements about programmes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_viral.cohorts import Inviters
from crm_viral.contract import Cohort, Programme, ProgrammeRules, ProgrammeState
from crm_viral.repository.paging import Found, page
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_RULES = (
    "name", "starts_at", "ends_at", "state", "unit", "referrer_reward", "referee_reward",
    "window_days", "person_cap", "budget",
)  # fmt: skip
_OTHERS = ("rule_version", "spent", "version", "created_at", "updated_at")
_ALL = ("id", *_RULES, *_OTHERS)
_COLUMNS = ", ".join(f"t.{name}" for name in _ALL)
_INSERT = (
    f"INSERT INTO crm_viral.programme (workspace_id, {', '.join(_ALL)})"
    f" VALUES (%(workspace_id)s, {', '.join(f'%({name})s' for name in _ALL)})"
)
_UPDATE = (
    "UPDATE crm_viral.programme SET "
    + ", ".join(f"{name} = %({name})s" for name in _ALL if name not in {"id", "spent"})
    + " WHERE id = %(id)s"
)
_BY_ID = f"SELECT {_COLUMNS} FROM crm_viral.programme t WHERE t.id = ANY(%(ids)s)"
#: In one order, so that who locks several waits for nobody who waits for them. Keys stay as they
#: are: rows that refer to a programme can be written meanwhile, by those who hold a participant.
_LOCKED = f"{_BY_ID} ORDER BY t.id FOR NO KEY UPDATE"
_SPEND = """
    UPDATE crm_viral.programme p SET spent = p.spent + w.amount
    FROM unnest(%(ids)s::uuid[], %(amounts)s::bigint[]) AS w(id, amount) WHERE p.id = w.id
"""
#: What members did in their own first days, and only those whose days are over.
_INVITERS = """
    WITH member AS (
        SELECT id, joined_at + %(horizon)s AS ends_at FROM crm_viral.participant
        WHERE programme_id = %(programme_id)s AND joined_at >= %(since)s
            AND joined_at < %(until)s AND joined_at <= %(now)s - %(horizon)s
    ), invited AS (
        SELECT m.id, count(DISTINCT t.visitor) AS number FROM member m
        JOIN crm_viral.link l ON l.participant_id = m.id
        JOIN crm_viral.touch t ON t.link_id = l.id AND t.at < m.ends_at
        GROUP BY m.id
    ), brought AS (
        SELECT m.id, count(*) AS number FROM member m
        JOIN crm_viral.conversion c ON c.participant_id = m.id
            AND c.converted_at < m.ends_at AND c.reversed_at IS NULL
        GROUP BY m.id
    )
    SELECT coalesce(invited.number, 0), coalesce(brought.number, 0), count(*)
    FROM member LEFT JOIN invited USING (id) LEFT JOIN brought USING (id) GROUP BY 1, 2
"""


def add(new: Programme) -> None:
    """Insert a programme."""
    execute(_INSERT, {"workspace_id": current_workspace(), **_values(new)})


def update(changed: Programme) -> None:
    """Write what of a programme can change; what is spent is another's to say."""
    execute(_UPDATE, _values(changed))


def get(programme_id: UUID) -> Programme | None:
    """Return one programme."""
    rows = execute(_BY_ID, {"ids": [programme_id]})
    return _programme(*rows[0]) if rows else None


def locked(ids: Sequence[UUID]) -> dict[UUID, Programme]:
    """Return programmes that nobody else changes until the commit."""
    found = [_programme(*row) for row in execute(_LOCKED, {"ids": list(ids)})]
    return {item.id: item for item in found}


def listed(
    after: UUID | None, limit: int, *, with_total: bool, newest: bool = False
) -> Found[Programme]:
    """Return a page of programmes."""
    return page(
        "crm_viral.programme", _COLUMNS, _programme,
        programme_id=None, after=after, limit=limit, with_total=with_total, newest=newest,
    )  # fmt: skip


def spend(amounts: Mapping[UUID, int]) -> None:
    """Add to what programmes have spent, or take away; their rows are locked."""
    if amounts:
        execute(_SPEND, {"ids": list(amounts), "amounts": list(amounts.values())})


def inviters(cohort: Cohort, now: datetime) -> list[Inviters]:
    """Return how many members of a cohort have invited and brought so many people each."""
    values = {
        "programme_id": cohort.programme_id,
        "since": cohort.since,
        "until": cohort.until,
        "horizon": timedelta(days=cohort.horizon_days),
        "now": now,
    }
    return [
        Inviters(invitations=invited, activated=brought, members=members)
        for invited, brought, members in execute(_INVITERS, values)
    ]


def _programme(programme_id: UUID, *stored: Any) -> Programme:
    rules = dict(zip(_RULES, stored, strict=False))
    rules["state"] = ProgrammeState(rules["state"])
    others = dict(zip(_OTHERS, stored[len(_RULES) :], strict=True))
    return Programme(id=programme_id, rules=ProgrammeRules(**rules), **others)


def _values(item: Programme) -> dict[str, Any]:
    values = {name: getattr(item.rules, name) for name in _RULES}
    values |= {name: getattr(item, name) for name in ("id", *_OTHERS)}
    return values | {"state": item.rules.state.value}
