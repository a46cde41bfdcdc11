"""Statements about pairs of contacts that may be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import DuplicateState, FieldEvidence
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Two contacts, the smaller id first.
Ends = tuple[UUID, UUID]

_TABLE = "crm_contacts.duplicate_pair"
_COLUMNS = "id, low_id, high_id, state, score, evidence::text, version, found_at, decided_at"
_NAME = """
    (SELECT c.full_name FROM crm_contacts.contact c
    WHERE c.id = p.{end}_id AND c.deleted_at IS NULL)
"""
_READ = f"""
    SELECT {_COLUMNS}, {_NAME.format(end="low")}, {_NAME.format(end="high")} FROM {_TABLE} p
"""
_BOTH = """
    EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = p.low_id AND c.deleted_at IS NULL)
    AND EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = p.high_id AND c.deleted_at IS NULL)
"""
#: Whatever was decided stays; what is found again as it was is not touched.
_PUT = f"""
    INSERT INTO {_TABLE} AS p
        (workspace_id, id, low_id, high_id, state, score, evidence, version, found_at)
    SELECT %(workspace)s, f.id, f.low, f.high, 'open', f.score, f.evidence::json, 1, %(at)s
    FROM unnest(%(ids)s::uuid[], %(lows)s::uuid[], %(highs)s::uuid[], %(scores)s::integer[],
        %(evidence)s::text[]) AS f(id, low, high, score, evidence)
    ON CONFLICT (workspace_id, low_id, high_id) DO UPDATE
    SET score = excluded.score, evidence = excluded.evidence, version = p.version + 1
    WHERE p.state = 'open' AND p.score <> excluded.score
"""
#: Of pairs between contacts that were all looked at, those that were not found again.
_DROP = f"""
    DELETE FROM {_TABLE} p WHERE state = 'open' AND {{ends}} AND NOT EXISTS (
        SELECT FROM unnest(%(lows)s::uuid[], %(highs)s::uuid[]) AS f(low, high)
        WHERE (f.low, f.high) = (p.low_id, p.high_id)
    )
"""
_DECIDE = f"""
    UPDATE {_TABLE} SET state = %(state)s, version = version + 1,
        decided_at = CASE WHEN %(state)s <> 'open' THEN %(at)s::timestamptz END
    WHERE id = %(id)s AND state <> 'merged' AND state <> %(state)s
        AND (%(versions)s::integer[] IS NULL OR version = ANY(%(versions)s::integer[]))
    RETURNING id
"""
_SET_MERGED = f"""
    UPDATE {_TABLE} SET state = 'merged', decided_at = %(at)s, version = version + 1
    WHERE low_id = ANY(%(all)s::uuid[]) AND high_id = ANY(%(all)s::uuid[]) AND state <> 'merged'
"""
#: Who is somebody else than a merged contact is somebody else than the one that took it.
_HAND_ON = f"""
    INSERT INTO {_TABLE} AS t
        (workspace_id, id, low_id, high_id, state, score, evidence, version, found_at, decided_at)
    SELECT DISTINCT ON (d.other) d.workspace_id, gen_random_uuid(),
        least(d.other, %(target)s::uuid), greatest(d.other, %(target)s::uuid), 'dismissed',
        d.score, d.evidence, 1, d.found_at, d.decided_at
    FROM (
        SELECT p.*, CASE WHEN low_id = ANY(%(ids)s::uuid[]) THEN high_id ELSE low_id END AS other
        FROM {_TABLE} p WHERE state = 'dismissed'
            AND (low_id = ANY(%(ids)s::uuid[]) OR high_id = ANY(%(ids)s::uuid[]))
    ) AS d
    WHERE d.other <> %(target)s AND d.other <> ALL(%(ids)s::uuid[])
    ORDER BY d.other, d.decided_at
    ON CONFLICT (workspace_id, low_id, high_id) DO UPDATE
    SET state = 'dismissed', decided_at = excluded.decided_at, version = t.version + 1
    WHERE t.state = 'open'
"""
#: Also where nobody had found them to be alike: somebody has merged them, and thought better of it.
_SET_APART = f"""
    INSERT INTO {_TABLE} AS p
        (workspace_id, id, low_id, high_id, state, score, evidence, version, found_at, decided_at)
    VALUES (%(workspace)s, gen_random_uuid(), %(low)s, %(high)s, 'dismissed', 0, '[]', 1, %(at)s,
        %(at)s)
    ON CONFLICT (workspace_id, low_id, high_id) DO UPDATE
    SET state = 'dismissed', decided_at = excluded.decided_at, version = p.version + 1
"""
#: It is one of its own again: whom it may be is open, unless somebody says more.
_COME_BACK = f"""
    UPDATE {_TABLE} SET state = 'open', decided_at = NULL, version = version + 1
    WHERE state = 'merged' AND (low_id = ANY(%(ids)s::uuid[]) OR high_id = ANY(%(ids)s::uuid[]))
"""
#: What was handed on has the time of the decision; it stays if others have handed it on, too.
_TAKE_BACK = f"""
    UPDATE {_TABLE} p SET state = 'open', decided_at = NULL, version = p.version + 1
    FROM (
        SELECT decided_at, CASE WHEN low_id = %(id)s THEN high_id ELSE low_id END AS other
        FROM {_TABLE} WHERE state = 'dismissed' AND (low_id = %(id)s OR high_id = %(id)s)
    ) AS d
    WHERE p.low_id = least(d.other, %(target)s) AND p.high_id = greatest(d.other, %(target)s)
        AND p.state = 'dismissed' AND p.decided_at = d.decided_at AND NOT EXISTS (
            SELECT FROM {_TABLE} e JOIN crm_contacts.contact c ON c.merged_into = %(target)s
                AND (e.low_id, e.high_id) = (least(d.other, c.id), greatest(d.other, c.id))
            WHERE e.state = 'dismissed' AND c.id <> %(id)s)
"""


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair as it is stored; `score` in hundredths of a bit."""

    id: UUID
    ends: Ends
    names: tuple[str | None, str | None]
    state: DuplicateState
    score: int
    evidence: tuple[FieldEvidence, ...]
    version: int
    found_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A pair that was found: a new id for it, in case it is, and its score in bits."""

    id: UUID
    ends: Ends
    bits: float
    evidence: tuple[FieldEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairListing:
    """Which pairs are wanted: in which order, behind which place."""

    state: DuplicateState
    contact_id: UUID | None = None
    least_score: int | None = None
    below_score: int | None = None
    descending: bool = True
    after: tuple[int, UUID] | None = None


def put(found: Sequence[FoundPair], at: datetime) -> None:
    """Store open pairs; those about which something was decided stay as they are."""
    # In their order: of two transactions with the same pairs, neither waits for the other.
    ordered = sorted(found, key=lambda pair: pair.ends)
    values = {
        "workspace": current_workspace(),
        "at": at,
        "ids": [pair.id for pair in ordered],
        "lows": [pair.ends[0] for pair in ordered],
        "highs": [pair.ends[1] for pair in ordered],
        "scores": [hundredths(pair.bits) for pair in ordered],
        "evidence": [msgspec.json.encode(pair.evidence).decode() for pair in ordered],
    }
    if ordered:
        execute(_PUT, values)


def drop_others(contact_ids: Sequence[UUID], found: Sequence[FoundPair], *, below: bool) -> None:
    """Forget open pairs with one of the contacts that were not found again.

    With `below` only pairs with smaller ids were looked for.
    """
    ids = list(contact_ids)
    values = {
        "ids": ids,
        "lows": [pair.ends[0] for pair in found],
        "highs": [pair.ends[1] for pair in found],
    }
    for end in ("high_id",) if below else ("low_id", "high_id"):
        execute(_DROP.format(ends=f"{end} = ANY(%(ids)s::uuid[])"), values)


def get(pair_id: UUID) -> StoredPair | None:
    """Return one pair."""
    rows = execute(f"{_READ} WHERE id = %(id)s", {"id": pair_id})
    return _pair(rows[0]) if rows else None


def between(contact_id: UUID, others: Sequence[UUID]) -> dict[UUID, StoredPair]:
    """Return the stored pairs of a contact with others, by these."""
    rows = execute(
        f"{_READ} WHERE (low_id = %(id)s AND high_id = ANY(%(others)s::uuid[]))"
        " OR (high_id = %(id)s AND low_id = ANY(%(others)s::uuid[]))",
        {"id": contact_id, "others": list(others)},
    )
    pairs = map(_pair, rows)
    return {pair.ends[pair.ends[0] == contact_id]: pair for pair in pairs}


def page(wanted: PairListing, limit: int) -> list[StoredPair]:
    """Return pairs in the wanted order."""
    return [_pair(row) for row in execute(*page_statement(wanted, limit))]


def page_statement(wanted: PairListing, limit: int) -> tuple[str, dict[str, object]]:
    """Return the statement of a page, and its values."""
    conditions, values = _conditions(wanted)
    way, sign = ("DESC", "<") if wanted.descending else ("ASC", ">")
    if wanted.after is not None:
        conditions += f" AND (score, id) {sign} (%(place)s::integer, %(after)s::uuid)"
        values |= {"place": wanted.after[0], "after": wanted.after[1]}
    statement = f"{_READ} WHERE {conditions} ORDER BY score {way}, id {way} LIMIT %(limit)s"
    return statement, values | {"limit": limit}


def count(wanted: PairListing) -> int:
    """Return how many pairs all pages have."""
    conditions, values = _conditions(wanted)
    return int(execute(f"SELECT count(*) FROM {_TABLE} p WHERE {conditions}", values)[0][0])


def decide(
    pair_id: UUID, state: DuplicateState, at: datetime, versions: Sequence[int] | None
) -> bool:
    """Set the state of a pair that is not merged; tell whether that changed anything."""
    wanted = None if versions is None else list(versions)
    values = {"id": pair_id, "state": state.value, "at": at, "versions": wanted}
    return bool(execute(_DECIDE, values))


def follow_merge(source_ids: Sequence[UUID], target_id: UUID, at: datetime) -> None:
    """Set pairs between merged contacts, and let the target be apart from whom they are."""
    values = {"ids": list(source_ids), "target": target_id, "at": at}
    execute(_SET_MERGED, values | {"all": [*source_ids, target_id]})
    execute(_HAND_ON, values)


def come_back(contact_ids: Sequence[UUID]) -> None:
    """Let it be open who is the same as contacts that were merged, and are back."""
    execute(_COME_BACK, {"ids": list(contact_ids)})


def set_apart(source_id: UUID, target_id: UUID, at: datetime) -> None:
    """Remember that two merged contacts are two; whom the source is not, the target may be."""
    execute(_TAKE_BACK, {"id": source_id, "target": target_id})
    low, high = sorted((source_id, target_id))
    values = {"workspace": current_workspace(), "low": low, "high": high, "at": at}
    execute(_SET_APART, values)


def links(least: int, limit: int) -> tuple[list[tuple[UUID, UUID, int]], list[Ends]]:
    """Return open pairs of at least a score, and the dismissed ones of their contacts."""
    rows = execute(
        f"SELECT low_id, high_id, score FROM {_TABLE} p WHERE state = 'open'"
        f" AND score >= %(least)s AND {_BOTH} ORDER BY score DESC, id DESC LIMIT %(limit)s",
        {"least": least, "limit": limit},
    )
    ids = [found for row in rows for found in row[:2]]
    apart = execute(
        f"SELECT low_id, high_id FROM {_TABLE} WHERE state = 'dismissed'"
        " AND low_id = ANY(%(ids)s::uuid[]) AND high_id = ANY(%(ids)s::uuid[])",
        {"ids": ids},
    )
    return [(low, high, score) for low, high, score in rows], [(a, b) for a, b in apart]


def hundredths(bits: float) -> int:
    """Return bits as scores are stored."""
    return round(bits * 100)


def _conditions(wanted: PairListing) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"state": wanted.state.value}
    conditions = ["state = %(state)s"]
    if wanted.state is DuplicateState.OPEN:
        conditions.append(_BOTH)
    optional: Mapping[str, object | None] = {
        "(low_id = %(contact)s OR high_id = %(contact)s)": wanted.contact_id,
        "score >= %(least)s": wanted.least_score,
        "score < %(below)s": wanted.below_score,
    }
    names = ("contact", "least", "below")
    for name, (condition, value) in zip(names, optional.items(), strict=True):
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return " AND ".join(conditions), values


def _pair(row: tuple[Any, ...]) -> StoredPair:
    found, low, high, state, score, evidence, version, found_at, decided_at, *names = row
    return StoredPair(
        id=found,
        ends=(low, high),
        names=(names[0], names[1]),
        state=DuplicateState(state),
        score=score,
        evidence=msgspec.json.decode(evidence, type=tuple[FieldEvidence, ...]),
        version=version,
        found_at=found_at,
        decided_at=decided_at,
    )
