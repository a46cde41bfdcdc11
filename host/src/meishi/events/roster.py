"""The workers of a deployment: who is alive, and what each may take care of."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from meishi.context import Scope
from meishi.events.log import DB_SCHEMA
from meishi.events.subscriptions import Subscriber

#: Seconds after which a worker that was not heard of counts as gone.
GONE = 20

_SIGN = """
    INSERT INTO meishi_events.worker (id, host, pid) VALUES (%(id)s, %(host)s, %(pid)s)
    ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()
"""

_BURY = f"""
    DELETE FROM meishi_events.worker WHERE seen_at < clock_timestamp() - interval '{3 * GONE} s'
"""  # noqa: S608 (constants)

_SURVEY = f"""
    SELECT (SELECT count(*) FROM meishi_events.worker
            WHERE abs(extract(epoch FROM clock_timestamp() - seen_at)) < {GONE}),
           array(SELECT name FROM meishi_events.subscription
                 WHERE name = ANY (%(names)s) AND state <> 'paused'),
           array(SELECT name FROM meishi_events.subscription
                 WHERE name = ANY (%(names)s) AND barrier IS NOT NULL),
           (SELECT count(*) FROM meishi_events.cursor JOIN meishi_events.subscription AS s
            ON s.name = subscription WHERE s.name = ANY (%(names)s) AND s.state <> 'paused'),
           (SELECT array_agg(DISTINCT subscription || '/' || slot) FROM meishi_events.parked
            JOIN unnest(%(names)s::text[], %(longest)s::double precision[])
                AS declared (name, longest) ON declared.name = subscription
            WHERE state = 'retry' AND (next_at <= clock_timestamp()
                OR next_at > clock_timestamp() + make_interval(secs => declared.longest)))
"""  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to do in the deployment, as one worker sees it.

    `share` is how many cursors fall to a worker, `running` which subscriptions are not paused,
    `respreading` which wait for another number of slots, `due` the labels of cursors with parked
    events whose time has come.
    """

    share: int
    running: tuple[str, ...]
    respreading: tuple[str, ...]
    due: frozenset[str]


class Roster:
    """The list of workers, on which one of them signs."""

    def __init__(self, scope: Callable[[str], AbstractContextManager[Scope]], worker: UUID) -> None:
        self._scope = scope
        self._worker = worker

    def sign(self) -> None:
        """Tell that this worker is alive, and take those off the list that are long gone."""
        values = {"id": self._worker, "host": socket.gethostname(), "pid": os.getpid()}
        with self._scope(DB_SCHEMA) as scope:
            scope.work.execute(_SIGN, values)
            scope.work.execute(_BURY)

    def leave(self) -> None:
        """Take this worker off the list."""
        with self._scope(DB_SCHEMA) as scope:
            scope.work.execute(
                "DELETE FROM meishi_events.worker WHERE id = %(id)s", {"id": self._worker}
            )

    def survey(self, subscribers: Collection[Subscriber]) -> Survey:
        """Look at what there is to do for the workers of these subscriptions."""
        values = {
            "names": [item.name for item in subscribers],
            "longest": [item.longest_wait for item in subscribers],
        }
        with self._scope(DB_SCHEMA) as scope:
            rows = scope.work.execute(_SURVEY, values)
        alive, running, respreading, cursors, due = rows[0]
        return Survey(
            share=-(-cursors // max(1, alive)),
            running=tuple(running),
            respreading=tuple(respreading),
            due=frozenset(due or ()),
        )
