"""Retrying, skipping and discarding what is parked, each under the lock of its cursor.

A key that is parked has a head, and the rest of its events wait behind it, in order. When the
head goes, the next one is tried at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meishi.context import current_scope
from meishi.events.operations.decisions import Verdict, note_event
from meishi.events.operations.errors import InvalidInput, NotParked, WrongState
from meishi.events.operations.parked import ParkedEvent, ParkedFilter, find_parked
from meishi.events.operations.statements import lock_subscription, rows
from meishi.events.parking import promote

_RETRY = """
    UPDATE meishi_events.parked SET state = 'retry', attempts = 0, next_at = clock_timestamp()
    WHERE state IN ('retry', 'dead') AND subscription = %(subscription)s
    AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(workspace)s::uuid IS NULL OR workspace = %(workspace)s)
    AND (%(key)s::text IS NULL OR key = %(key)s)
    AND (%(pos)s::bigint IS NULL OR pos = %(pos)s)
    RETURNING event_id
"""

_OF_THREAD = """
    subscription = %(subscription)s AND key = %(key)s
    AND workspace IS NOT DISTINCT FROM %(workspace)s::uuid
"""

_HEAD = f"""
    SELECT event_id FROM meishi_events.parked WHERE {_OF_THREAD} ORDER BY pos LIMIT 1
"""  # noqa: S608 (constants)

_WORKSPACES = """
    SELECT DISTINCT workspace FROM meishi_events.parked
    WHERE subscription = %(subscription)s AND key = %(key)s ORDER BY workspace
"""

_DELETE = """
    DELETE FROM meishi_events.parked WHERE subscription = %(subscription)s AND pos = %(pos)s
"""

#: Every event that is thrown away leaves a line, however many they are.
_DISCARD = """
    WITH gone AS (
        DELETE FROM meishi_events.parked WHERE subscription = %(subscription)s
        AND (%(everything)s::boolean OR (key = %(key)s
             AND workspace IS NOT DISTINCT FROM %(workspace)s::uuid))
        RETURNING *
    )
    INSERT INTO meishi_events.decision (id, subscription, event_id, pos, type, workspace, key,
                                        action, reason, decided_by)
    SELECT uuidv7(), subscription, event_id, pos, type, workspace, key,
           'discard', %(reason)s, %(by)s FROM gone ORDER BY pos
    RETURNING event_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The heads that are tried again at once."""

    events: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An event that a subscription never gets, and the next of its key, now tried."""

    subscription: str
    event: UUID
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """Events that a subscription never gets, in the order of the log."""

    subscription: str
    events: tuple[UUID, ...]


def retry_event(event: UUID, subscription: str | None = None) -> Retried:
    """Try the head of a key again at once, with all of its attempts before it."""
    found = _locked(event, subscription)
    _require_head(found)
    return Retried(events=_retry(found.subscription, pos=found.pos))


def retry_all(wanted: ParkedFilter) -> Retried:
    """Try all heads again that the filter takes; none is no error, unless a key is named."""
    if wanted.state == "held":
        raise InvalidInput("Held events wait for their heads; retry those.")
    if wanted.subscription is None:
        if wanted.key is not None:
            raise InvalidInput("A key belongs to a subscription.", hint="Add --subscription NAME.")
        query = "SELECT DISTINCT subscription FROM meishi_events.parked ORDER BY subscription"
        names = [name for (name,) in rows(query)]
    else:
        names = [wanted.subscription]
    events: list[UUID] = []
    for name in names:
        lock_subscription(name)
        events += _retry(name, wanted)
    if wanted.key is not None and not events:
        raise _no_such_key(str(wanted.subscription), wanted.key)
    return Retried(events=tuple(events))


def skip(event: UUID, verdict: Verdict, subscription: str | None = None) -> Skipped:
    """Never give an event to a subscription; those behind it follow."""
    verdict.with_reason()
    found = _locked(event, subscription)
    rows(_DELETE, subscription=found.subscription, pos=found.pos)
    note_event("skip", found, verdict)
    promote(current_scope().work, found.subscription, found.key, found.workspace)
    head = rows(_HEAD, **_thread(found)) if found.is_head else []
    return Skipped(
        subscription=found.subscription, event=found.event, next=head[0][0] if head else None
    )


def discard_event(event: UUID, verdict: Verdict, subscription: str | None = None) -> Discarded:
    """Never give the head of a key, and all that waits behind it, to a subscription."""
    verdict.with_reason()
    found = _locked(event, subscription)
    _require_head(found)
    return _discard(found.subscription, verdict, key=found.key, workspace=found.workspace)


def discard_key(
    subscription: str, key: str, verdict: Verdict, *, workspace: UUID | None = None
) -> Discarded:
    """Never give to a subscription what is parked of a key.

    The workspace may be left out where only one has the key parked.
    """
    verdict.with_reason()
    lock_subscription(subscription)
    found = [item for (item,) in rows(_WORKSPACES, subscription=subscription, key=key)]
    if workspace is not None:
        found = [item for item in found if item == workspace]
    if not found:
        raise _no_such_key(subscription, key)
    if len(found) > 1:
        names = ", ".join(str(item) for item in found if item is not None)
        raise WrongState(
            f"Several workspaces have the key {key!r} parked.",
            hint=f"Choose one with --workspace: {names}.",
        )
    return _discard(subscription, verdict, key=key, workspace=found[0])


def discard_all(subscription: str, verdict: Verdict, *, confirmed: bool) -> Discarded:
    """Never give to a subscription anything of what is parked in it."""
    verdict.with_reason()
    lock_subscription(subscription)
    query = "SELECT count(*) FROM meishi_events.parked WHERE subscription = %(subscription)s"
    count = rows(query, subscription=subscription)[0][0]
    if count and not confirmed:
        raise WrongState(
            f"{subscription} would never get {count} parked events. Nothing was changed.",
            hint="Say --yes if that is meant; `meishi events parked` lists them.",
        )
    return _discard(subscription, verdict)


def _locked(event: UUID, subscription: str | None) -> ParkedEvent:
    """Return a parked event as it is once its cursor is locked."""
    found = find_parked(event, subscription)
    lock_subscription(found.subscription)
    return find_parked(event, found.subscription)


def _require_head(parked: ParkedEvent) -> None:
    if not parked.is_head:
        head = rows(_HEAD, **_thread(parked))[0][0]
        raise WrongState(
            f"The event {parked.event} is held behind another of its key.",
            hint=f"Its head is {head}.",
        )


def _retry(
    subscription: str, wanted: ParkedFilter | None = None, *, pos: int | None = None
) -> tuple[UUID, ...]:
    chosen = wanted or ParkedFilter()
    found = rows(
        _RETRY,
        subscription=subscription,
        state=chosen.state,
        workspace=chosen.workspace,
        key=chosen.key,
        pos=pos,
    )
    return tuple(event for (event,) in found)


def _discard(
    subscription: str, verdict: Verdict, *, key: str | None = None, workspace: UUID | None = None
) -> Discarded:
    found = rows(
        _DISCARD,
        subscription=subscription,
        everything=key is None,
        key=key,
        workspace=workspace,
        reason=verdict.reason,
        by=verdict.by,
    )
    return Discarded(subscription=subscription, events=tuple(event for (event,) in found))


def _thread(parked: ParkedEvent) -> dict[str, object]:
    """Return what the order of an event is kept in: its key in its workspace."""
    return {
        "subscription": parked.subscription,
        "key": parked.key,
        "workspace": parked.workspace,
    }


def _no_such_key(subscription: str, key: str) -> NotParked:
    return NotParked(
        f"{subscription} has nothing parked of the key {key!r}.",
        hint="`meishi events parked` lists keys and workspaces.",
    )
