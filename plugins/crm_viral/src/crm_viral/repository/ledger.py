"""Statements about the ledger, to which lines are only added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_viral.contract import DueReward, EntryKind, Reward, RewardRule
from crm_viral.repository.paging import Found, page
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = (
    "t.id, t.kind, t.rule, t.programme_id, t.conversion_id, t.beneficiary_id, t.amount, t.unit,"
    " t.rule_version, t.cause_id, t.at"
)
#: Whoever comes second finds the line there, and adds none.
_ACCRUE = f"""
    INSERT INTO crm_viral.entry AS t (workspace_id, id, kind, rule, programme_id, conversion_id,
        beneficiary_id, amount, unit, rule_version, at)
    SELECT %(workspace_id)s, id, 'accrue', %(rule)s, programme_id, conversion_id, beneficiary_id,
        amount, unit, rule_version, %(at)s
    FROM unnest(%(ids)s::uuid[], %(programme_id)s::uuid[], %(conversion_id)s::uuid[],
        %(beneficiary_id)s::uuid[], %(amount)s::bigint[], %(unit)s::text[],
        %(rule_version)s::integer[])
        AS w(id, programme_id, conversion_id, beneficiary_id, amount, unit, rule_version)
    ON CONFLICT (workspace_id, kind, rule, conversion_id, beneficiary_id) DO NOTHING
    RETURNING {_COLUMNS}
"""
_REVERSE = f"""
    INSERT INTO crm_viral.entry AS t (workspace_id, id, kind, rule, programme_id, conversion_id,
        beneficiary_id, amount, unit, rule_version, cause_id, at)
    SELECT e.workspace_id, w.id, 'reverse', e.rule, e.programme_id, e.conversion_id,
        e.beneficiary_id, -e.amount, e.unit, e.rule_version, e.id, %(at)s
    FROM unnest(%(ids)s::uuid[], %(conversions)s::uuid[]) AS w(id, conversion_id)
    JOIN crm_viral.entry e ON e.conversion_id = w.conversion_id
        AND e.kind = 'accrue' AND e.rule = %(rule)s
    ON CONFLICT (workspace_id, cause_id) DO NOTHING
    RETURNING {_COLUMNS}
"""
_VALUES = (
    "programme_id", "conversion_id", "beneficiary_id", "amount", "unit", "rule_version",
)  # fmt: skip


def accrue(
    due: Sequence[DueReward], rule: RewardRule, ids: Sequence[UUID], at: datetime
) -> list[Reward]:
    """Add lines, one for each reward that has none; return those that were added."""
    values: dict[str, Any] = {name: [getattr(item, name) for item in due] for name in _VALUES}
    values |= {"ids": list(ids), "rule": rule.value, "at": at}
    rows = execute(_ACCRUE, {"workspace_id": current_workspace(), **values})
    return [_reward(*row) for row in rows]


def reverse(
    conversions: Sequence[UUID], rule: RewardRule, ids: Sequence[UUID], at: datetime
) -> list[Reward]:
    """Add what takes back the lines of conversions; return those that were added."""
    values = {"ids": list(ids), "conversions": list(conversions), "rule": rule.value, "at": at}
    return [_reward(*row) for row in execute(_REVERSE, values)]


def listed(**wanted: Any) -> Found[Reward]:
    """Return a page of the ledger."""
    return page("crm_viral.entry", _COLUMNS, _reward, **wanted)


def _reward(*row: Any) -> Reward:
    names = (
        "id", "kind", "rule", "programme_id", "conversion_id", "beneficiary_id", "amount", "unit",
        "rule_version", "cause_id", "at",
    )  # fmt: skip
    values = dict(zip(names, row, strict=True))
    values["kind"], values["rule"] = EntryKind(values["kind"]), RewardRule(values["rule"])
    return Reward(**values)
