"""The event log: what a record holds, and how records get into it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.pq import Escaping

from meishi.database.roles import RoleNames, quoted
from meishi.declarations.events import SLOTS

DB_SCHEMA = "meishi_events"


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


#: Columns with their types.
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
_NAMES = ", ".join(_COLUMNS)
_INSERT = f"INSERT INTO {DB_SCHEMA}.event ({_NAMES})"
_FROM_JSON = (
    f"SELECT {_NAMES} FROM json_to_recordset({{}}) AS item"  # noqa: S608 (constants)
    f" ({', '.join(f'{name} {kind}' for name, kind in _COLUMNS.items())})"
)

#: Records from which on one JSON array is faster than a list of rows.
_MANY = 50


def log_statement(
    driver: psycopg.Connection[Any],
    roles: RoleNames,
    records: Sequence[LogRecord],
    before: Sequence[str] = (),
) -> str:
    """Return the statements that insert records under the log's role, behind its own `before` them.

    They must be the last before the commit: `pos` is drawn while the rows that the events
    speak of are still locked, so the order of `pos` is the order of commits for each key.
    """
    statements = [*before, *([_insertion(driver, records)] if records else ())]
    if not statements:
        return ""
    return "; ".join([f"SET LOCAL ROLE {quoted(roles.run(DB_SCHEMA))}", *statements, ""])


def _insertion(driver: psycopg.Connection[Any], records: Sequence[LogRecord]) -> str:
    escape = Escaping(driver.pgconn).escape_literal
    if len(records) < _MANY:
        rows = ", ".join(_row(item, escape) for item in records)
        return f"{_INSERT} VALUES {rows}"
    documents = [
        {
            name: msgspec.Raw(value) if isinstance(value, bytes) else value
            for name, value in zip(_COLUMNS, _values(item), strict=True)
        }
        for item in records
    ]
    array = _quoted(msgspec.json.encode(documents), escape)
    return f"{_INSERT} {_FROM_JSON.format(array)}"


def _row(item: LogRecord, escape: Callable[[bytes], bytes]) -> str:
    """Return a record as SQL. It is on the way of every commit: a cursor would take ten times."""
    return f"({', '.join([_written(value, escape) for value in _values(item)])})"


def _written(value: object, escape: Callable[[bytes], bytes]) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, UUID):
        return f"'{value}'"
    if isinstance(value, int):
        return str(value)
    return _quoted(value if isinstance(value, bytes) else str(value).encode(), escape)


def _quoted(text: bytes, escape: Callable[[bytes], bytes]) -> str:
    """Return a text as SQL; the driver would silently cut it off at U+0000."""
    if b"\0" in text:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return escape(text).decode()


def _values(item: LogRecord) -> tuple[object, ...]:
    """Return the values of a record's columns; bytes are JSON."""
    return (
        *(item.id, item.source, item.type, item.version, item.workspace_id, item.subject),
        *(item.key, slot_of(item.key), item.trace(), item.data),
    )
