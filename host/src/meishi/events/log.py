"""The event log: what a record holds, and how records get into it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import ClientCursor

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


#: Columns with their types; each is sent as one array, since the driver takes its time to put
#: thousands of single values into a statement.
_COLUMNS = {
    "id": "uuid",
    "source": "text",
    "type": "text",
    "version": "integer",
    "workspace_id": "uuid",
    "subject": "text",
    "key": "text",
    "slot": "integer",
    "trace": "jsonb",
    "data": "jsonb",
}
_INSERT = (
    f"INSERT INTO {DB_SCHEMA}.event ({', '.join(_COLUMNS)})"  # noqa: S608 (constants)
    f" SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())})"
)


def log_statement(
    driver: psycopg.Connection[Any], roles: RoleNames, records: Sequence[LogRecord]
) -> str:
    """Return the statements that insert records under the log's role; empty without any.

    They must be the last before the commit: `pos` is drawn while the rows that the events
    speak of are still locked, so the order of `pos` is the order of commits for each key.
    """
    if not records:
        return ""
    rows = [
        (
            *(item.id, item.source, item.type, item.version, item.workspace_id, item.subject),
            *(item.key, slot_of(item.key), item.trace().decode(), item.data.decode()),
        )
        for item in records
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    role = quoted(roles.run(DB_SCHEMA))
    return f"SET LOCAL ROLE {role}; {ClientCursor(driver).mogrify(_INSERT, columns)}; "
