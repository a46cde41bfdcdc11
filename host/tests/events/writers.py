"""Transactions of others, several at a time, as a test moves them; and what they have committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import psycopg

_INSERT = """
    INSERT INTO meishi_events.event
        (id, source, type, version, subject, key, slot, trace, data)
    VALUES (%(id)s, 'shop', %(type)s, 1, %(key)s, %(key)s, 0, '{}', '{}')
"""

TYPE = "shop.sold.v1"


@dataclass
class _Open:
    """A transaction: whether it has begun, and the events that it has inserted, with their keys."""

    connection: psycopg.Connection[Any]
    begun: bool = False
    events: list[tuple[str, UUID]] = field(default_factory=list)


class Writers:
    """Some connections, each with a transaction at most, and the committed events in order."""

    def __init__(self, url: str, elsewhere: str, number: int = 4) -> None:
        self._open = [_Open(psycopg.connect(url)) for _ in range(number)]
        self._elsewhere = psycopg.connect(elsewhere)
        self.committed: list[tuple[str, UUID]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for item in self._open:
            item.connection.close()
        self._elsewhere.close()

    def begin(self, number: int) -> None:
        """Give a transaction its number, long before it inserts anything."""
        self._open[number].connection.execute("SELECT pg_current_xact_id()")
        self._open[number].begun = True

    def insert(self, number: int, key: str) -> None:
        """Insert an event, unless another transaction has the lock of the key."""
        others = [item for item in self._open if item is not self._open[number]]
        if any(key == held for item in others for held, _ in item.events):
            return
        event = uuid4()
        self._open[number].connection.execute(_INSERT, {"id": event, "type": TYPE, "key": key})
        self._open[number].begun = True
        self._open[number].events.append((key, event))

    def commit(self, number: int) -> None:
        """Commit a transaction."""
        item = self._open[number]
        item.connection.commit()
        self.committed += item.events
        item.begun, item.events = False, []

    def roll_back(self, number: int) -> None:
        """Undo a transaction."""
        item = self._open[number]
        item.connection.rollback()
        item.begun, item.events = False, []

    def pin(self) -> None:
        """Open a transaction in another database of the cluster, or end it."""
        if self._elsewhere.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            self._elsewhere.execute("SELECT pg_current_xact_id()")
        else:
            self._elsewhere.commit()

    def finish(self) -> None:
        """Commit all."""
        for number in range(len(self._open)):
            self.commit(number)
        self._elsewhere.commit()
