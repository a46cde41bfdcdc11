"""Backfill: what happened before a plugin was installed, read page by page from its owners.

A workspace where the plugin is off is passed over. It is read when the plugin is on, before any of
the events that have waited there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from meishi.context import Actor, Scope, enter_scope, substitute_scope
from meishi.events.backoff import Backoff
from meishi.events.cursor import LOST, LeaseLost
from meishi.events.delivery import CallWatch, is_away, sqlstate
from meishi.events.environment import Environment
from meishi.events.log import DB_SCHEMA
from meishi.events.notices import Notices
from meishi.events.parking import hold_lease, report
from meishi.events.subscriptions import renounce
from meishi.events.turn import Turn

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: A page whose time was set before the clock was set back is due, too.
_NEXT = """
    SELECT workspace, next, attempts FROM meishi_events.backfill
    WHERE subscription = %(subscription)s AND NOT done AND workspace > %(after)s
    AND (next_at IS NULL OR next_at <= clock_timestamp()
         OR next_at > clock_timestamp() + make_interval(secs => %(longest)s))
    ORDER BY workspace LIMIT %(most)s
"""

_LEFT = """
    SELECT workspace FROM meishi_events.backfill
    WHERE subscription = %(subscription)s AND NOT done AND workspace > %(after)s
    ORDER BY workspace LIMIT %(most)s
"""

#: Rows that are looked at in one go.
_MOST = 500

_BEGIN = """
    UPDATE meishi_events.backfill SET attempts = attempts + 1,
        next_at = clock_timestamp() + make_interval(secs => %(wait)s)
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s
"""

_DONE = """
    UPDATE meishi_events.backfill SET next = %(next)s, done = %(done)s,
        attempts = 0, next_at = NULL, error = NULL
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s
"""

_FAILED = """
    UPDATE meishi_events.backfill SET error = %(error)s,
        next_at = clock_timestamp() + make_interval(secs => %(wait)s)
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s
"""

_LIVE = """
    UPDATE meishi_events.subscription SET state = 'live'
    WHERE name = %(subscription)s AND state = 'backfilling'
"""


class Backfilling:
    """Runs backfills; a page and the place of the next one are kept together."""

    def __init__(
        self,
        host: Environment,
        watch: CallWatch,
        backoffs: Mapping[str, Backoff],
        notices: Notices,
    ) -> None:
        self._host = host
        self._watch = watch
        self._backoffs = backoffs
        self._notices = notices

    def step(self, turn: Turn) -> bool:
        """Read one page; return whether there was one. After the last, the events are followed.

        Workspaces where the plugin is off are left for later.

        :raises LeaseLost: when all is done, such that everybody who has a cursor begins anew
        """
        values = turn.cursor.values()
        with self._host.within(DB_SCHEMA) as scope:
            longest = {"longest": turn.subscriber.longest_wait}
            found = self._first(scope.work, turn, _NEXT, values | longest)
            over = turn.cursor.backfilling and not (
                found or self._first(scope.work, turn, _LEFT, values)
            )
            if over:
                # In the order of operators: the subscription first, then its cursors.
                scope.work.execute(_LIVE, values)
                hold_lease(scope.work, turn.cursor)
                renounce(scope.work, turn.cursor.subscription)
        if over:
            raise LeaseLost("the backfill is complete")
        if found:
            workspace, place, attempts = found
            self._page(turn, workspace, place, attempts + 1)
        return bool(found)

    def _first(
        self, work: UnitOfWork, turn: Turn, query: str, values: Mapping[str, object]
    ) -> tuple[Any, ...]:
        """Return the first row of a workspace where the plugin is on; an empty one if none is."""
        after = UUID(int=0)
        while rows := work.execute(query, {**values, "after": after, "most": _MOST}):
            for row in rows:
                if self._host.is_on(turn.subscriber.plugin, row[0]):
                    return tuple(row)
            after = rows[-1][0]
        return ()

    def _page(self, turn: Turn, workspace: UUID, place: str | None, attempts: int) -> None:
        declared = turn.subscriber.declared
        backoff = self._backoffs[turn.cursor.subscription]
        values = turn.cursor.values() | {"workspace": workspace}
        wait = declared.limit_seconds + backoff.wait(attempts)
        with self._host.within(DB_SCHEMA) as scope:
            hold_lease(scope.work, turn.cursor)
            scope.work.execute(_BEGIN, values | {"wait": wait})
        try:
            self._read(turn, values, place)
        except BaseException as error:
            if isinstance(error, LeaseLost) or sqlstate(error) == LOST or is_away(error):
                raise
            wait, text = backoff.wait(attempts), report(error)
            with self._host.within(DB_SCHEMA) as scope:
                hold_lease(scope.work, turn.cursor)
                scope.work.execute(_FAILED, values | {"wait": wait, "error": text})
            self._notices.backfill_failed(turn.cursor.subscription, workspace, wait, text)

    def _read(self, turn: Turn, values: dict[str, object], place: str | None) -> None:
        workspace = values["workspace"]
        assert isinstance(workspace, UUID)
        scope = Scope(
            host=self._host,
            work=self._host.unit_of_work(workspace),
            actor=Actor(),
            workspace_id=workspace,
            correlation=self._host.new_id(),
        )
        declared = turn.subscriber.declared
        assert declared.backfill is not None
        with enter_scope(scope):
            with (
                substitute_scope(scope),
                scope.work.entered(turn.subscriber.plugin),
                self._watch.calling(turn.cursor.label, declared.limit_seconds),
            ):
                following: object = declared.backfill(place)
            if following is not None and not isinstance(following, str):
                kind = type(following).__qualname__
                raise TypeError(f"a backfill must return a text or None, not a {kind}")
            self._remember(scope.work, turn, values | {"next": following})
        if following is None:
            turn.cursor.unread.discard(str(workspace))

    def _remember(self, work: UnitOfWork, turn: Turn, values: dict[str, object]) -> None:
        work.move_to(None)
        with work.entered(DB_SCHEMA):
            hold_lease(work, turn.cursor)
            work.execute(_DONE, values | {"done": values["next"] is None})
