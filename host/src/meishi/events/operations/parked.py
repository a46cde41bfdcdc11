"""What is parked: events that failed, and those of their keys that wait behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from meishi.events.operations.errors import InvalidInput, NotParked, WrongState
from meishi.events.operations.statements import Row, require_subscription, rows
from meishi.events.operations.status import PARKED_STATES

_COLUMNS = """
    subscription, pos, slot, event_id, type, workspace, key, state, attempts, next_at, error,
    parked_at, failed_at
"""

_LIST = f"""
    SELECT {_COLUMNS} FROM meishi_events.parked
    WHERE (%(subscription)s::text IS NULL OR subscription = %(subscription)s)
    AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(workspace)s::uuid IS NULL OR workspace = %(workspace)s)
    AND (%(key)s::text IS NULL OR key = %(key)s)
    AND (subscription, pos) > (%(name)s, %(pos)s::bigint)
    ORDER BY subscription, pos LIMIT %(limit)s::integer
"""  # noqa: S608 (constants)

_FIND = f"""
    SELECT {_COLUMNS} FROM meishi_events.parked
    WHERE event_id = %(event)s AND subscription = coalesce(%(subscription)s::text, subscription)
    ORDER BY subscription
"""  # noqa: S608 (constants)

#: The largest page of a list.
MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """One event that is parked in one subscription.

    The first of a key, its head, is `retry` (tried again at `next_at`) or `dead` (not before a
    person asks for it); those behind it are `held`. `error` is the traceback of the last attempt.
    """

    subscription: str
    pos: int
    slot: int
    event: UUID
    type: str
    workspace: UUID | None
    key: str
    state: str
    attempts: int
    next_at: datetime | None
    error: str | None
    parked_at: datetime
    failed_at: datetime | None

    @property
    def is_head(self) -> bool:
        """Whether it is the one that holds its key."""
        return self.state != "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPage:
    """A part of the list; `next_after` is where the next one begins, None on the last."""

    items: tuple[ParkedEvent, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedFilter:
    """Which parked events are meant; None means any."""

    subscription: str | None = None
    state: str | None = None
    workspace: UUID | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedDetails:
    """A parked event with its envelope, and its payload if it was asked for."""

    parked: ParkedEvent
    envelope: Mapping[str, Any]
    payload: Mapping[str, Any] | None


def list_parked(wanted: ParkedFilter, *, limit: int = 50, after: str | None = None) -> ParkedPage:
    """Return a page of what is parked, by subscription and position in the log."""
    if not 1 <= limit <= MOST:
        raise InvalidInput(f"A page has 1 to {MOST} events, not {limit}.")
    if wanted.state not in (None, *PARKED_STATES):
        raise InvalidInput(f"A state is one of {', '.join(PARKED_STATES)}, not {wanted.state!r}.")
    if wanted.subscription is not None:
        require_subscription(wanted.subscription)
    name, pos = _place(after)
    found = rows(
        _LIST,
        subscription=wanted.subscription,
        state=wanted.state,
        workspace=wanted.workspace,
        key=wanted.key,
        name=name,
        pos=pos,
        limit=limit + 1,
    )
    items = tuple(parked_event(row) for row in found[:limit])
    more = f"{items[-1].subscription}:{items[-1].pos}" if len(found) > limit else None
    return ParkedPage(items=items, next_after=more)


def _place(after: str | None) -> tuple[str, int]:
    if after is None:
        return "", 0
    name, _, pos = after.rpartition(":")
    if not name or not pos.isascii() or not pos.isdecimal() or len(pos) > len(str(2**62)):
        raise InvalidInput(f"{after!r} is no place in the list.", hint="Copy it from a page.")
    return name, int(pos)


def find_parked(event: UUID, subscription: str | None = None) -> ParkedEvent:
    """Return what is parked of an event; one that several subscriptions parked needs a name.

    :raises NotParked: if it is parked nowhere, or not in that subscription
    :raises WrongState: if several subscriptions have it, and none is named
    """
    if subscription is not None:
        require_subscription(subscription)
    found = [parked_event(row) for row in rows(_FIND, event=event, subscription=subscription)]
    if not found:
        where = f" in {subscription}" if subscription else ""
        raise NotParked(
            f"The event {event} is not parked{where}.", hint="`meishi events parked` lists them."
        )
    if len(found) > 1:
        names = ", ".join(item.subscription for item in found)
        raise WrongState(
            f"The event {event} is parked in several subscriptions.",
            hint=f"Choose one with --subscription: {names}.",
        )
    return found[0]


def show_parked(
    event: UUID, subscription: str | None = None, *, payload: bool = False
) -> ParkedDetails:
    """Return all that is known of a parked event; its payload only if that is asked for."""
    found = find_parked(event, subscription)
    query = """
        SELECT event - 'data', CASE WHEN %(payload)s::boolean THEN event->'data' END
        FROM meishi_events.parked WHERE subscription = %(subscription)s AND pos = %(pos)s
    """
    record = rows(query, subscription=found.subscription, pos=found.pos, payload=payload)
    if not record:
        raise NotParked(f"The event {event} is not parked any more.")
    return ParkedDetails(parked=found, envelope=record[0][0], payload=record[0][1])


def parked_event(row: Row) -> ParkedEvent:
    """Return the record of a row; columns and fields stand in the same order."""
    names = (field.name for field in fields(ParkedEvent))
    return ParkedEvent(**dict(zip(names, row, strict=True)))
