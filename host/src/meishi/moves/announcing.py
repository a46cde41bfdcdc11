"""Announcing: all processes hear that a plugin is being moved, and the next one that it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from meishi.looking import LOOK
from meishi.moves.refusals import MoveRefused
from meishi.moves.side import Side
from meishi.switches.places import Step

#: One move at a time; who moved and died has let go of it.
_ALONE = "SELECT pg_try_advisory_lock(1836021349, 1)"

_ANNOUNCE = """
    INSERT INTO meishi_plugins.place (plugin, step, until)
    VALUES (%(plugin)s, %(step)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (plugin) DO UPDATE SET step = excluded.step, until = excluded.until
"""
_WITHDRAW = """
    WITH stays AS (
        UPDATE meishi_plugins.place SET step = NULL, until = NULL
        WHERE plugin = %(plugin)s AND url IS NOT NULL
    )
    DELETE FROM meishi_plugins.place WHERE plugin = %(plugin)s AND url IS NULL
"""
_PLACE = """
    INSERT INTO meishi_plugins.place (plugin, url) VALUES (%(plugin)s, %(url)s)
    ON CONFLICT (plugin) DO UPDATE
    SET url = excluded.url, step = NULL, until = NULL, at = clock_timestamp()
"""
_FORGET = "DELETE FROM meishi_plugins.place WHERE plugin = %(plugin)s"
_URL = "SELECT url FROM meishi_plugins.place WHERE plugin = %(plugin)s"

#: Seconds for which handlers and jobs come to rest without another word.
_LEASE = 10.0

#: Seconds within which all processes have heard of something.
_HEARD = 3 * LOOK


class Announcements:
    """What the processes of a deployment are told of the move of one plugin."""

    def __init__(self, connection: Connection[Any], plugin: str) -> None:
        self._connection = connection
        self._plugin = plugin
        self._told = 0.0

    def settle(self) -> None:
        """Say that nothing new is begun; it must be said again and again."""
        if time.monotonic() - self._told > _LEASE / 4:
            first = not self._told
            self._told = time.monotonic()
            self._announce(Step.SETTLING, _LEASE)
            if first:
                time.sleep(_HEARD)

    def hold(self, seconds: float) -> None:
        """Say that nobody works for the plugin for so many seconds, unless there is more to say."""
        self._announce(Step.HELD, seconds)
        time.sleep(_HEARD)

    def withdraw(self) -> None:
        """Say that the plugin goes on where it was."""
        self._connection.execute(_WITHDRAW, {"plugin": self._plugin})

    def _announce(self, step: Step, seconds: float) -> None:
        values = {"plugin": self._plugin, "step": step.value, "seconds": seconds}
        self._connection.execute(_ANNOUNCE, values)


@contextmanager
def alone(main: Side, plugin: str) -> Iterator[Announcements]:
    """Run a block that moves a plugin, which nobody else does meanwhile.

    :raises MoveRefused: if somebody else does
    """
    with main.connected(autocommit=True) as connection:
        row = connection.execute(_ALONE).fetchone()
        if not row or not row[0]:
            raise MoveRefused("Another move is under way.", hint="Try again once it has ended.")
        yield Announcements(connection, plugin)


def url_of(connection: Connection[Any], plugin: str) -> str | None:
    """Return where a plugin was moved to."""
    row = connection.execute(_URL, {"plugin": plugin}).fetchone()
    return None if row is None else row[0]


def place(connection: Connection[Any], plugin: str, url: str) -> None:
    """Say with the commit that a plugin is elsewhere now."""
    connection.execute(_PLACE, {"plugin": plugin, "url": url})


def take_back(connection: Connection[Any], plugin: str) -> None:
    """Say with the commit that a plugin is where the settings say."""
    connection.execute(_FORGET, {"plugin": plugin})
