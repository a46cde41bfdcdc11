"""The bell: a connection on which other processes are heard, such as ticks of workers."""

from __future__ import annotations

from typing import Any, cast

import psycopg

from meishi.events.environment import Environment
from meishi.events.ticks import CHANNEL


class Bell:
    """Listens on a connection of its own, outside of the pool."""

    def __init__(self, host: Environment, channel: str = CHANNEL) -> None:
        self._host = host
        self._channel = channel
        self._connection: psycopg.Connection[Any] | None = None

    def open(self) -> None:
        """Listen from now on."""
        self.close()
        pooled = self._host.engine.raw_connection()
        self._connection = cast("psycopg.Connection[Any]", pooled.driver_connection)
        pooled.detach()
        self._connection.execute(f"LISTEN {self._channel}")

    def close(self) -> None:
        """Listen no more."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def fileno(self) -> int:
        """Return what becomes readable when somebody rings."""
        assert self._connection is not None
        return self._connection.fileno()

    def drain(self) -> None:
        """Take in what was rung.

        :raises psycopg.OperationalError: if the connection is lost
        """
        assert self._connection is not None
        for _ in self._connection.notifies(timeout=0):
            continue
