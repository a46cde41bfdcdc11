"""Blocks inside a unit of work: a plugin's code, and a savepoint that needs none."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.orm import Session

from meishi.database.identity import TransactionIdentity
from meishi.database.readers import Readers
from meishi.database.roles import RoleNames


class Work(Protocol):
    """The unit of work, as far as its blocks know it."""

    roles: RoleNames
    identity: TransactionIdentity
    sessions: dict[str, Session]
    plugins: list[str]
    readers: Readers

    def keep(self) -> None:
        """Write what all sessions hold."""
        ...

    def start_over(self) -> None:
        """Undo all."""
        ...


class Entered:
    """A block of a plugin's code; on the way of every request, hence no generator."""

    __slots__ = ("_flush", "_outer", "_plugin", "_read_as", "_work")

    _outer: str | None
    _read_as: str

    def __init__(self, work: Work, plugin: str, *, flush: bool) -> None:
        self._work = work
        self._plugin = plugin
        self._flush = flush

    def __enter__(self) -> None:
        """Go on as the plugin's code."""
        work = self._work
        self._outer, self._read_as = work.identity.role, work.identity.reader
        work.identity.role = work.roles.run(self._plugin)
        work.identity.reader = work.readers.of(self._plugin)
        work.plugins.append(self._plugin)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what the plugin's session holds, and go on as the code that was running before."""
        work = self._work
        try:
            if kind is None and self._flush and work.sessions:
                session = work.sessions.get(self._plugin)
                if session is not None:
                    session.flush()
        finally:
            work.plugins.pop()
            work.identity.role, work.identity.reader = self._outer, self._read_as


class WholeTransaction:
    """A block that began before its transaction did: what undoes the one undoes the other."""

    __slots__ = ("_work",)

    def __init__(self, work: Work) -> None:
        self._work = work

    def release(self) -> None:
        """Keep what was done; the transaction goes on."""
        self._work.keep()

    def undo(self) -> None:
        """Go back to where nothing was done."""
        self._work.start_over()
