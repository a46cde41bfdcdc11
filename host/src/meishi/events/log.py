"""The event log: what a record holds, and how records get into it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from psycopg import ClientCursor
from sqlalchemy import Connection

from meishi.database.engine import driver_of
from meishi.database.roles import RoleNames, quoted

DB_SCHEMA = "meishi_events"

#: Keys are spread over this many slots; a subscription's workers share them out.
SLOTS = 64

#: The largest payload of one event, in bytes of JSON.
MAX_PAYLOAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One event as the log keeps it: its envelope (CloudEvents 1.0) and its payload as JSON."""

    id: UUID
    source: str
    type: str
    version: int
    workspace_id: UUID | None
    subject: str
    key: str
    actor: UUID | None
    correlation: UUID
    causation: UUID | None
    data: bytes

    def trace(self) -> bytes:
        """Return who caused the event, and in which chain of causes, as JSON."""
        return msgspec.json.encode(
            {"actor": self.actor, "correlation": self.correlation, "causation": self.causation}
        )


def slot_of(key: str) -> int:
    """Return the slot of a key, the same in every process and release."""
    return zlib.crc32(key.encode()) % SLOTS


_COLUMNS = "(id, source, type, version, workspace_id, subject, key, slot, trace, data)"
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def write_log(connection: Connection, roles: RoleNames, records: Sequence[LogRecord]) -> None:
    """Insert records in one statement, sent in one round trip with the log's role.

    It must be the last thing before the commit: `pos` is drawn while the rows that the events
    speak of are still locked, so the order of `pos` is the order of commits for each key.
    """
    rows = ", ".join([_ROW] * len(records))
    values: list[object] = []
    for item in records:
        values += [item.id, item.source, item.type, item.version, item.workspace_id, item.subject]
        values += [item.key, slot_of(item.key), item.trace().decode(), item.data.decode()]
    role = quoted(roles.run(DB_SCHEMA))
    insert = f"INSERT INTO {DB_SCHEMA}.event {_COLUMNS} VALUES {rows}"  # noqa: S608 (constants)
    ClientCursor(driver_of(connection)).execute(f"SET LOCAL ROLE {role}; {insert}", values)
