"""Statements about conversions, and what they are decided by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_viral.attribution import Followed
from crm_viral.contract import AttributionMethod, Conversion, DueReward, Home
from crm_viral.explaining import Explanation, read, written
from crm_viral.repository.paging import Found, page
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: The last touches of each visitor in a programme: enough for an explanation that is read.
_TOUCHES = """
    SELECT w.programme_id, w.visitor, t.id, t.link_id, p.user_id, t.at
    FROM unnest(%(programmes)s::uuid[], %(visitors)s::bytea[]) AS w(programme_id, visitor)
    CROSS JOIN LATERAL (
        SELECT t.id, t.link_id, t.at FROM crm_viral.touch t
        WHERE t.visitor = w.visitor AND t.programme_id = w.programme_id
        ORDER BY t.at DESC, t.id DESC LIMIT 50
    ) AS t
    JOIN crm_viral.link l ON l.id = t.link_id
    JOIN crm_viral.participant p ON p.id = l.participant_id
"""
_CONVERTED = """
    SELECT programme_id, referee_id FROM crm_viral.conversion
    WHERE referee_id = ANY(%(users)s) AND programme_id = ANY(%(programmes)s)
"""
#: Who has led to these people, and to those in turn; UNION ends where a ring would.
_ANCESTORS = """
    WITH RECURSIVE ancestor AS (
        SELECT c.programme_id, c.referee_id, c.referrer_id FROM crm_viral.conversion c
        WHERE c.referee_id = ANY(%(users)s) AND c.programme_id = ANY(%(programmes)s)
        UNION
        SELECT c.programme_id, c.referee_id, c.referrer_id FROM ancestor a
        JOIN crm_viral.conversion c
            ON c.referee_id = a.referrer_id AND c.programme_id = a.programme_id
    )
    SELECT programme_id, referee_id, referrer_id FROM ancestor
"""
_EARNED = """
    SELECT programme_id, user_id, id, earned FROM crm_viral.participant
    WHERE user_id = ANY(%(users)s) AND programme_id = ANY(%(programmes)s)
"""
_COLUMNS = (
    ("id", "uuid"),
    ("programme_id", "uuid"),
    ("participant_id", "uuid"),
    ("link_id", "uuid"),
    ("touch_id", "uuid"),
    ("referrer_id", "uuid"),
    ("referee_id", "uuid"),
    ("method", "text"),
    ("rule_version", "integer"),
    ("explanation", "text"),
    ("referrer_amount", "bigint"),
    ("referee_amount", "bigint"),
    ("referee_workspace_id", "uuid"),
    ("converted_at", "timestamptz"),
)
_ADD = f"""
    INSERT INTO crm_viral.conversion
        (workspace_id, version, {", ".join(name for name, _ in _COLUMNS)})
    SELECT %(workspace_id)s, 1,
        {", ".join("explanation::jsonb" if n == "explanation" else n for n, _ in _COLUMNS)}
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS)})
        AS w({", ".join(name for name, _ in _COLUMNS)})
"""
_SHOWN = """
    t.id, t.programme_id, t.link_id, t.touch_id, t.referrer_id, t.referee_id, t.method,
    t.rule_version, t.explanation, t.converted_at, t.reversed_at, t.version,
    t.referee_amount > 0 AND t.referee_workspace_id IS NULL AND t.reversed_at IS NULL
"""
_BY_ID = f"SELECT {_SHOWN} FROM crm_viral.conversion t WHERE t.id = %(id)s"
_REVERSE = """
    UPDATE crm_viral.conversion SET reversed_at = %(at)s, version = version + 1
    WHERE id = %(id)s AND reversed_at IS NULL
    RETURNING participant_id, referrer_amount, referee_amount, referee_workspace_id
"""
_OWING = """
    SELECT DISTINCT w.user_id, w.home, f.workspace_id
    FROM unnest(%(users)s::uuid[], %(homes)s::uuid[]) AS w(user_id, home)
    CROSS JOIN LATERAL crm_viral.resolve_referee(w.user_id) AS f
"""
_SETTLE = """
    UPDATE crm_viral.conversion c SET referee_workspace_id = w.home, version = c.version + 1
    FROM unnest(%(users)s::uuid[], %(homes)s::uuid[]) AS w(user_id, home), crm_viral.programme p
    WHERE c.referee_id = w.user_id AND c.referee_workspace_id IS NULL AND c.referee_amount > 0
        AND c.reversed_at IS NULL AND p.id = c.programme_id
    RETURNING w.home, c.id, c.programme_id, c.referee_id, c.referee_amount, p.unit, c.rule_version
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConversion:
    """A decision, ready to be written; `referee_workspace_id` is where the referee gets theirs."""

    id: UUID
    programme_id: UUID
    participant_id: UUID
    link_id: UUID
    touch_id: UUID | None
    referrer_id: UUID
    referee_id: UUID
    method: AttributionMethod
    rule_version: int
    explanation: Explanation
    referrer_amount: int
    referee_amount: int
    referee_workspace_id: UUID | None
    converted_at: datetime


@dataclass(frozen=True, slots=True)
class Reversed:
    """What a conversion had brought before it was taken back."""

    participant_id: UUID
    referrer_amount: int
    referee_amount: int
    referee_workspace_id: UUID | None


#: A programme and a visitor.
Journey = tuple[UUID, bytes]
#: A programme and a user.
Pair = tuple[UUID, UUID]


def touches(journeys: Iterable[Journey]) -> dict[Journey, list[Followed]]:
    """Return what visitors have followed last, by programme and visitor."""
    wanted = list(dict.fromkeys(journeys))
    found: dict[Journey, list[Followed]] = {journey: [] for journey in wanted}
    values = {"programmes": [it[0] for it in wanted], "visitors": [it[1] for it in wanted]}
    for programme_id, visitor, touch_id, link_id, user_id, at in execute(_TOUCHES, values):
        found[programme_id, bytes(visitor)].append(
            Followed(touch_id=touch_id, link_id=link_id, referrer_id=user_id, at=at)
        )
    return found


def converted(programmes: Sequence[UUID], users: Sequence[UUID]) -> set[Pair]:
    """Return which users were decided about in which programme."""
    rows = execute(_CONVERTED, {"programmes": list(programmes), "users": list(users)})
    return {(programme_id, user_id) for programme_id, user_id in rows}


def ties(programmes: Sequence[UUID], users: Sequence[UUID]) -> dict[UUID, dict[UUID, UUID]]:
    """Return by programme who has led to these users, to those who did, and so on."""
    found: dict[UUID, dict[UUID, UUID]] = {programme_id: {} for programme_id in programmes}
    values = {"programmes": list(programmes), "users": list(users)}
    for programme_id, referee_id, referrer_id in execute(_ANCESTORS, values):
        found[programme_id][referee_id] = referrer_id
    return found


def earned(programmes: Sequence[UUID], users: Sequence[UUID]) -> dict[Pair, tuple[UUID, int]]:
    """Return as whom users take part, and what they have got; asked while programmes are locked."""
    rows = execute(_EARNED, {"programmes": list(programmes), "users": list(users)})
    return {(programme_id, user_id): (who, amount) for programme_id, user_id, who, amount in rows}


def add(new: Sequence[NewConversion]) -> None:
    """Insert conversions."""
    values: dict[str, Any] = {
        name: [getattr(item, name) for item in new]
        for name, _ in _COLUMNS
        if name not in {"explanation", "method"}
    }
    values["explanation"] = [written(item.explanation) for item in new]
    values["method"] = [item.method.value for item in new]
    execute(_ADD, {"workspace_id": current_workspace(), **values})


def get(conversion_id: UUID) -> Conversion | None:
    """Return one conversion."""
    rows = execute(_BY_ID, {"id": conversion_id})
    return _conversion(*rows[0]) if rows else None


def listed(**wanted: Any) -> Found[Conversion]:
    """Return a page of conversions."""
    return page("crm_viral.conversion", _SHOWN, _conversion, **wanted)


def reverse(conversion_id: UUID, at: datetime) -> Reversed | None:
    """Note that a conversion is taken back; None if it was before."""
    for row in execute(_REVERSE, {"id": conversion_id, "at": at}):
        return Reversed(*row)
    return None


def owing(homes: Sequence[Home]) -> list[tuple[Home, UUID]]:
    """Return which workspaces owe something to users that have a home."""
    rows = execute(_OWING, _places(homes))
    return [(Home(user_id=user, workspace_id=home), owing) for user, home, owing in rows]


def settle(homes: Sequence[Home]) -> list[tuple[UUID, DueReward]]:
    """Note where referees get what they are owed; return what goes into which workspace."""
    names = ("conversion_id", "programme_id", "beneficiary_id", "amount", "unit", "rule_version")
    return [
        (home, DueReward(**dict(zip(names, row, strict=True))))
        for home, *row in execute(_SETTLE, _places(homes))
    ]


def _places(homes: Sequence[Home]) -> dict[str, list[UUID]]:
    # Of several homes of one user the first counts.
    first = {home.user_id: home.workspace_id for home in reversed(homes)}
    return {"users": list(first), "homes": list(first.values())}


def _conversion(*row: Any) -> Conversion:
    names = (
        "id", "programme_id", "link_id", "touch_id", "referrer_id", "referee_id", "method",
        "rule_version", "explanation", "converted_at", "reversed_at", "version", "referee_waits",
    )  # fmt: skip
    values = dict(zip(names, row, strict=True))
    told = read(values.pop("explanation"))
    values["method"] = AttributionMethod(values["method"])
    return Conversion(**values, touches=told.touches, rewards=told.rewards)
