"""Pausing and resuming: a whole subscription, or one workspace in it.

Each takes place at one exact position, as what is in flight is undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meishi.context import current_scope
from meishi.events.operations.decisions import Verdict, note_subscription
from meishi.events.operations.errors import WrongState
from meishi.events.operations.statements import lock_subscription, rows
from meishi.events.subscriptions import renounce

_SET_STATE = """
    UPDATE meishi_events.subscription SET state = %(state)s WHERE name = %(subscription)s
"""

_GAPS = """
    SELECT DISTINCT state FROM meishi_events.gap
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s
"""

#: One that was still catching up goes on later from where it is now.
_OPEN = """
    INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos)
    SELECT c.subscription, c.slot, %(workspace)s, 'open', newest.tick, newest.upto, newest.pos
    FROM meishi_events.cursor AS c,
    LATERAL (SELECT p.tick, p.upto, p.pos FROM meishi_events.progress AS p
             WHERE p.subscription = c.subscription AND p.slot = c.slot
             ORDER BY p.seq DESC LIMIT 1) AS newest
    WHERE c.subscription = %(subscription)s
    ON CONFLICT (subscription, slot, workspace) DO UPDATE SET state = 'open'
"""

_DRAIN = """
    UPDATE meishi_events.gap SET state = 'draining'
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """What stands still from now on, or goes on: a subscription, or one workspace in it."""

    subscription: str
    workspace: UUID | None
    state: str


def pause(subscription: str, verdict: Verdict) -> Paused:
    """Let a subscription stand still; its cursor holds back the log's retention."""
    state = lock_subscription(subscription)
    _require(subscription, state == "live", f"it is {state}")
    return _set_state("pause", subscription, "paused", verdict)


def resume(subscription: str, verdict: Verdict) -> Paused:
    """Let a paused subscription go on from where it stands."""
    state = lock_subscription(subscription)
    _require(subscription, state == "paused", f"it is {state}, not paused")
    return _set_state("resume", subscription, "live", verdict)


def pause_workspace(subscription: str, workspace: UUID, verdict: Verdict) -> Paused:
    """Deliver nothing of one workspace for now; what it misses is remembered, all others flow."""
    state = lock_subscription(subscription)
    _require(subscription, state != "backfilling", "it is backfilling")
    found = _gap_states(subscription, workspace)
    _require(subscription, "open" not in found, f"the workspace {workspace} is paused already")
    rows(_OPEN, subscription=subscription, workspace=workspace)
    return _changed_gap("pause", subscription, workspace, "open", verdict)


def resume_workspace(subscription: str, workspace: UUID, verdict: Verdict) -> Paused:
    """Deliver to a paused workspace what it missed, then go on with it as with all others."""
    lock_subscription(subscription)
    found = _gap_states(subscription, workspace)
    _require(subscription, bool(found), f"the workspace {workspace} is not paused")
    _require(subscription, "open" in found, f"the workspace {workspace} is catching up already")
    rows(_DRAIN, subscription=subscription, workspace=workspace)
    return _changed_gap("resume", subscription, workspace, "draining", verdict)


def _set_state(action: str, subscription: str, state: str, verdict: Verdict) -> Paused:
    rows(_SET_STATE, subscription=subscription, state=state)
    renounce(current_scope().work, subscription)
    note_subscription(action, subscription, verdict)
    return Paused(subscription=subscription, workspace=None, state=state)


def _changed_gap(
    action: str, subscription: str, workspace: UUID, state: str, verdict: Verdict
) -> Paused:
    renounce(current_scope().work, subscription)
    note_subscription(action, subscription, verdict, workspace=workspace)
    return Paused(subscription=subscription, workspace=workspace, state=state)


def _gap_states(subscription: str, workspace: UUID) -> set[str]:
    found = rows(_GAPS, subscription=subscription, workspace=workspace)
    return {state for (state,) in found}


def _require(subscription: str, allowed: bool, why_not: str) -> None:
    if not allowed:
        raise WrongState(
            f"{subscription}: {why_not}.", hint="`meishi events status` shows where each stands."
        )
