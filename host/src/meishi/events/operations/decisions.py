"""What operators decided, and why: whatever is never delivered has a line here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from meishi.events.operations.errors import InvalidInput
from meishi.events.operations.parked import ParkedEvent
from meishi.events.operations.statements import require_subscription, rows

#: The longest reason, in characters.
LONGEST_REASON = 1000

_NOTE = """
    INSERT INTO meishi_events.decision (id, subscription, event_id, pos, type, workspace, key,
                                        action, reason, decided_by)
    VALUES (uuidv7(), %(subscription)s, %(event)s, %(pos)s, %(type)s, %(workspace)s, %(key)s,
            %(action)s, %(reason)s, %(by)s)
"""

_LIST = """
    SELECT id, at, subscription, action, event_id, pos, type, workspace, key, reason, decided_by
    FROM meishi_events.decision
    WHERE (%(subscription)s::text IS NULL OR subscription = %(subscription)s)
    AND (%(after)s::uuid IS NULL OR (at, id) < (SELECT each.at, each.id
         FROM meishi_events.decision AS each WHERE each.id = %(after)s))
    ORDER BY at DESC, id DESC LIMIT %(limit)s::integer
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Who decides, and why; a reason may be left out where nothing is lost."""

    by: str
    reason: str = ""

    def __post_init__(self) -> None:
        for name, value in (("name", self.by), ("reason", self.reason)):
            if len(value) > LONGEST_REASON or any(ord(sign) < ord(" ") for sign in value):
                raise InvalidInput(f"A {name} is one line of at most {LONGEST_REASON} characters.")

    def with_reason(self) -> Verdict:
        """Return it if it says why; raise if it does not."""
        if not self.reason.strip():
            raise InvalidInput(
                "What is not delivered needs a reason.", hint="Say why with --reason TEXT."
            )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision, about an event or about a whole subscription (`event` is None)."""

    id: UUID
    at: datetime
    subscription: str
    action: str
    event: UUID | None
    pos: int | None
    type: str | None
    workspace: UUID | None
    key: str | None
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """Decisions, the newest first; `next_after` is where the next page begins, or None."""

    items: tuple[Decision, ...]
    next_after: UUID | None


def note_event(action: str, parked: ParkedEvent, verdict: Verdict) -> None:
    """Write down what was decided about one parked event."""
    rows(
        _NOTE,
        subscription=parked.subscription,
        event=parked.event,
        pos=parked.pos,
        type=parked.type,
        workspace=parked.workspace,
        key=parked.key,
        action=action,
        reason=verdict.reason,
        by=verdict.by,
    )


def note_subscription(
    action: str, subscription: str, verdict: Verdict, *, workspace: UUID | None = None
) -> None:
    """Write down what was decided about a subscription, or about one workspace in it."""
    rows(
        _NOTE,
        subscription=subscription,
        event=None,
        pos=None,
        type=None,
        workspace=workspace,
        key=None,
        action=action,
        reason=verdict.reason,
        by=verdict.by,
    )


def list_decisions(
    subscription: str | None = None, *, limit: int = 50, after: UUID | None = None
) -> DecisionPage:
    """Return what was decided, the newest first; also of subscriptions that are gone."""
    if subscription is not None and not _decided_about(subscription):
        require_subscription(subscription)
    found = rows(_LIST, subscription=subscription, limit=limit + 1, after=after)
    names = [field.name for field in fields(Decision)]
    items = tuple(Decision(**dict(zip(names, row, strict=True))) for row in found[:limit])
    return DecisionPage(items=items, next_after=items[-1].id if len(found) > limit else None)


def _decided_about(subscription: str) -> bool:
    query = """
        SELECT EXISTS (SELECT FROM meishi_events.decision WHERE subscription = %(subscription)s)
    """
    return bool(rows(query, subscription=subscription)[0][0])
