"""To its service, and back: what is particular about each way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from meishi.events.feed.places import FeedPlace
from meishi.events.positions import Position, newest_tick, tick_of
from meishi.moves import announcing, fence
from meishi.moves.checking import refuse_rows, was_received
from meishi.moves.handlers import add_handlers, forget_handlers, keep_tick
from meishi.moves.move import Brought
from meishi.moves.side import Side, work_of
from meishi.moves.tables import MovedTable
from meishi.moves.waiting_jobs import add_jobs, forget_jobs
from meishi.signing import Signer

#: What cursors of the feed of all workspaces are signed for.
_FEED = "events:None"

_FOLLOW = """
    INSERT INTO meishi_remote.followed (place, cursor) VALUES ('main', %s)
    ON CONFLICT (place) DO UPDATE
    SET cursor = excluded.cursor, fault = NULL, at = clock_timestamp()
"""
_STOP_FOLLOWING = "SELECT cursor FROM meishi_remote.followed WHERE place = 'main' FOR UPDATE"
_BEGIN_AGAIN = "DELETE FROM meishi_remote.followed WHERE place = %s"
_RECEIVE = """
    INSERT INTO meishi_remote.received (plugin) VALUES (%s)
    ON CONFLICT (plugin) DO UPDATE SET at = clock_timestamp()
"""

_SAID = """
    SELECT id FROM meishi_events.event WHERE source = %s ORDER BY pos DESC LIMIT 10000
"""
_UNHEARD = """
    SELECT count(*) FROM unnest(%s::uuid[]) AS said (id)
    WHERE NOT EXISTS (SELECT FROM meishi_remote.inbox WHERE event_id = said.id)
"""

#: Requests that are sent again after the move are answered as before, and commands as well: what a
#: service has done of an import is not done again.
_ANSWERS = {
    "meishi_requests.answer": "workspace_id, user_id, key, fingerprint, status, headers, body, at",
    "meishi_remote.answer": "key, call, document, at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToService:
    """From the main deployment to the service at `url`; `signer` is the main deployment's."""

    plugin: str
    url: str
    main: Side
    service: Side
    signer: Signer

    @property
    def source(self) -> Side:
        """Where it works before."""
        return self.main

    @property
    def target(self) -> Side:
        """Where it works after."""
        return self.service

    def prepare(self, target: Connection[Any], tables: Sequence[MovedTable]) -> None:
        """Raise if the service has rows that no move has brought there."""
        if not was_received(target, self.plugin):
            refuse_rows(target, self.plugin, tables)

    def still(self) -> AbstractContextManager[None]:
        """Nothing reaches the main deployment that its handlers would have to wait for."""
        return nullcontext()

    def is_heard(self) -> bool:
        """What the plugin has said is in the main deployment's log."""
        return True

    def hand_over(self, brought: Brought) -> None:
        """Have the service go on behind the tick at which the handlers here are at rest.

        Once its rows are safe, those here are deleted with the commit that says where it is.
        """
        source, target = brought.source, brought.target
        here = work_of(source)
        tick = tick_of(here, brought.rest) if brought.rest else newest_tick(here)
        target.execute(_FOLLOW, (self.signer.sign(_FEED, FeedPlace(tick).encode()),))
        self.service.tick()
        add_handlers(
            target,
            self.plugin,
            brought.handlers,
            Position.at(newest_tick(work_of(target)).id),
        )
        add_jobs(target, self.plugin, brought.jobs)
        fence.open_again(target, self.plugin, brought.tables)
        fresh = not was_received(target, self.plugin)
        target.execute(_RECEIVE, (self.plugin,))
        target.commit()
        forget_handlers(source, self.plugin)
        forget_jobs(source, brought.jobs)
        fence.empty(source, brought.tables)
        fence.close(source, self.plugin, brought.tables)
        if fresh:
            source.execute(_BEGIN_AGAIN, (self.plugin,))
        announcing.place(source, self.plugin, self.url)
        source.commit()


@dataclass(slots=True, kw_only=True)
class BackToMain:
    """From the service back to the main deployment.

    `follow` takes what the service has said into the main deployment's log, as far as it can be
    had now.
    """

    plugin: str
    main: Side
    service: Side
    signer: Signer
    follow: Callable[[], None]
    _cursor: str | None = None

    @property
    def url(self) -> None:
        """It comes back."""
        return

    @property
    def source(self) -> Side:
        """Where it works before."""
        return self.service

    @property
    def target(self) -> Side:
        """Where it works after."""
        return self.main

    def prepare(self, target: Connection[Any], tables: Sequence[MovedTable]) -> None:
        """What is here is left over, and is replaced."""

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep the service from taking events of the main deployment; those it has are shown."""
        with self.service.connected() as connection:
            row = connection.execute(_STOP_FOLLOWING).fetchone()
            self._cursor = None if row is None else row[0]
            self.service.tick()
            yield

    def is_heard(self) -> bool:
        """Take what the plugin has said; return whether that is all."""
        self.service.tick()
        self.follow()
        with self.service.connected() as there, self.main.connected() as here:
            said = [row[0] for row in there.execute(_SAID, (self.plugin,))]
            row = here.execute(_UNHEARD, (said,)).fetchone()
        return row is not None and row[0] == 0

    def hand_over(self, brought: Brought) -> None:
        """Have the main deployment go on where the service has come to in its log.

        The commit says where the plugin is; then what the service has is deleted.
        """
        source, target = brought.source, brought.target
        add_handlers(target, self.plugin, brought.handlers, self._position(target))
        add_jobs(target, self.plugin, brought.jobs)
        _bring_answers(source, target)
        fence.open_again(target, self.plugin, brought.tables)
        announcing.take_back(target, self.plugin)
        target.commit()
        # It is back. What is left over there if this fails, the next move replaces.
        with suppress(psycopg.Error):
            forget_handlers(source, self.plugin)
            forget_jobs(source, brought.jobs)
            fence.empty(source, brought.tables)
            fence.close(source, self.plugin, brought.tables)
            source.commit()

    def _position(self, target: Connection[Any]) -> Position:
        if self._cursor is None:
            return Position.at(newest_tick(work_of(target)).id)
        place = FeedPlace.decode(self.signer.read(_FEED, self._cursor))
        last = place.last or place.first
        for tick in (place.first, last):
            keep_tick(target, tick)
        return Position(place.first.id, last.id, place.pos if place.last else 0)


def _bring_answers(source: Connection[Any], target: Connection[Any]) -> None:
    for table, listed in _ANSWERS.items():
        copied = f"{table.partition('.')[0]}_answers"
        target.execute(
            f"CREATE TEMPORARY TABLE {copied} ON COMMIT DROP AS SELECT {listed} "  # noqa: S608 (constants)
            f"FROM {table} WITH NO DATA".encode()
        )
        out = f"COPY (SELECT {listed} FROM {table}) TO STDOUT (FORMAT binary)"  # noqa: S608 (constants)
        into = f"COPY pg_temp.{copied} FROM STDIN (FORMAT binary)"
        with (
            source.cursor() as reading,
            target.cursor() as writing,
            reading.copy(out.encode()) as blocks,
            writing.copy(into.encode()) as taken,
        ):
            for block in blocks:
                taken.write(block)
        target.execute(
            f"INSERT INTO {table} ({listed}) SELECT {listed} "  # noqa: S608 (constants)
            f"FROM pg_temp.{copied} ON CONFLICT DO NOTHING".encode()
        )
