"""How often the graph has changed, and who changes it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_LOCK = """
    INSERT INTO crm_graph.state AS s (workspace_id, version, stamp, next_community)
    VALUES (%(workspace)s, 0, gen_random_uuid(), 0)
    ON CONFLICT (workspace_id) DO UPDATE SET version = s.version
"""
_MOVE = """
    UPDATE crm_graph.state SET version = version + 1, stamp = gen_random_uuid(), moved_at = now()
"""
_ASK = """
    UPDATE crm_graph.state SET asked_at = now(), wanted_at = coalesce(wanted_at, now())
    WHERE asked_at IS NULL OR asked_at < now() - %(patience)s RETURNING asked_at
"""
_AWAITED = """
    SELECT now(), coalesce(wanted_at, asked_at), moved_at
    FROM crm_graph.state
    WHERE asked_at = %(asked_at)s
"""
_ASK_AGAIN = """
    UPDATE crm_graph.state SET asked_at = now() WHERE asked_at = %(asked_at)s RETURNING asked_at
"""
_DRAWN = """
    UPDATE crm_graph.state SET asked_at = NULL, wanted_at = NULL,
        drawn_version = %(version)s, drawn_at = now(),
        modularity = %(modularity)s, next_community = %(next)s
    RETURNING version <> %(version)s
"""
_READ = "SELECT version, drawn_version, drawn_at, modularity, next_community FROM crm_graph.state"


@dataclass(frozen=True, slots=True)
class State:
    """The version of the graph, and what was drawn of which version, if anything was."""

    version: int = 0
    drawn_version: int | None = None
    drawn_at: datetime | None = None
    modularity: float | None = None
    next_community: int = 0


@dataclass(frozen=True, slots=True)
class Awaited:
    """A drawing that is awaited: the time now, since when it is, and when the graph changed last.

    Who changed the graph before this was written down has left no time.
    """

    now: datetime
    since: datetime
    moved_at: datetime | None


def lock() -> None:
    """Let nobody else change this workspace's graph before the end of the transaction.

    Whoever comes later sees what was written: of evidence and of a merge at the same time, the
    second knows the first.
    """
    execute(_LOCK, {"workspace": current_workspace()})


def move() -> None:
    """Say that the graph has another version."""
    execute(_MOVE)


def ask(patience: timedelta) -> datetime | None:
    """Note that a drawing is wanted, and return the time; None if one is awaited.

    One that was asked for longer ago than `patience` is not.
    """
    rows = execute(_ASK, {"patience": patience})
    return rows[0][0] if rows else None


def awaited(asked_at: datetime) -> Awaited | None:
    """Return the drawing that was asked for then; None if it came, or was asked for again."""
    rows = execute(_AWAITED, {"asked_at": asked_at})
    return Awaited(*rows[0]) if rows else None


def ask_again(asked_at: datetime) -> datetime | None:
    """Ask anew for the drawing that was asked for then, and return the time.

    None if it is awaited no more.
    """
    rows = execute(_ASK_AGAIN, {"asked_at": asked_at})
    return rows[0][0] if rows else None


def drawn(version: int, modularity: float, next_community: int) -> bool:
    """Note what was drawn; return whether the graph has another version by now."""
    values = {"version": version, "modularity": modularity, "next": next_community}
    return any(moved for (moved,) in execute(_DRAWN, values))


def read() -> State:
    """Return the state of the workspace's graph."""
    rows = execute(_READ)
    return State(*rows[0]) if rows else State()
