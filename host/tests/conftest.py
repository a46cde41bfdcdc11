"""What delivery would have written: subscriptions, positions and parked events, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from meishi.database.location import Location

SUBSCRIPTION = "crm_contacts.main"


@dataclass(frozen=True)
class DeliveryRows:
    """Writes rows of the event log as an administrator, and reads them."""

    server: psycopg.Connection[Any]

    def run(self, statement: str, **values: object) -> list[Any]:
        """Run a statement, and return its rows."""
        cursor = self.server.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, **values: object) -> Any:
        """Return the only value of the only row."""
        ((value,),) = self.run(statement, **values)
        return value

    def publish(self, *keys: str, workspace: UUID | None = None) -> list[int]:
        """Add an event for each key, in a transaction of its own; return their positions."""
        statement = """
            INSERT INTO meishi_events.event
                (id, source, type, version, workspace_id, subject, key, slot, trace, data)
            VALUES (uuidv7(), 'crm_contacts', 'contact.created.v1', 1, %(workspace)s, %(key)s,
                    %(key)s, 0, '{"actor": null}', '{"secret": "payload"}') RETURNING pos
        """
        return [self.one(statement, key=key, workspace=workspace) for key in keys]

    def tick(self, at: datetime | None = None) -> int:
        """Store a moment of the log, and return its number."""
        statement = """
            INSERT INTO meishi_events.tick (epoch, snap, at, before_pos, low_pos, last_pos)
            SELECT 1, pg_current_snapshot(), coalesce(%(at)s::timestamptz, clock_timestamp()),
                   last, last, last
            FROM (SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0))
                AS newest (last) RETURNING id
        """
        return int(self.one(statement, at=at))

    def subscribe(
        self, name: str = SUBSCRIPTION, *, tick: int = 1, slots: int = 1, state: str = "live"
    ) -> str:
        """Add a subscription that has passed a tick, and return its name."""
        values = {"name": name, "plugin": name.partition(".")[0], "tick": tick, "slots": slots}
        self.run(
            """
            INSERT INTO meishi_events.subscription (name, plugin, types, slots, state)
            VALUES (%(name)s, %(plugin)s, '{contact.created.v1}', %(slots)s, %(state)s)
            """,
            state=state,
            **values,
        )
        for slot in range(slots):
            self.run(
                "INSERT INTO meishi_events.cursor (subscription, slot) VALUES (%(name)s, %(slot)s)",
                name=name,
                slot=slot,
            )
            self.advance(name, slot, tick)
        return name

    def advance(self, name: str, slot: int, tick: int, **values: object) -> None:
        """Append a position; `upto`, `pos`, `delivered`, `latency` may be given."""
        fields = {"upto": tick, "pos": 0, "delivered": 0, "latency": [], "seconds": 0.0} | values
        self.run(
            """
            INSERT INTO meishi_events.progress
                (subscription, slot, seq, tick, upto, pos, delivered, latency, latency_seconds)
            SELECT %(name)s, %(slot)s, coalesce(max(seq), 0) + 1, %(tick)s, %(upto)s, %(pos)s,
                   %(delivered)s, %(latency)s::bigint[], %(seconds)s
            FROM meishi_events.progress WHERE subscription = %(name)s AND slot = %(slot)s
            """,
            name=name,
            slot=slot,
            tick=tick,
            **fields,
        )

    def park(self, pos: int, state: str = "retry", *, name: str = SUBSCRIPTION) -> UUID:
        """Park an event of the log, and return its id."""
        failed = state != "held"
        statement = """
            INSERT INTO meishi_events.parked
                (subscription, pos, slot, event_id, type, workspace, key, event, state,
                 attempts, next_at, error, failed_at)
            SELECT %(name)s, e.pos, 0, e.id, e.type, e.workspace_id, e.key, to_jsonb(e),
                   %(state)s, %(attempts)s, clock_timestamp() + interval '1 hour',
                   %(error)s, CASE WHEN %(failed)s THEN clock_timestamp() END
            FROM meishi_events.event AS e WHERE e.pos = %(pos)s RETURNING event_id
        """
        event: UUID = self.one(
            statement,
            name=name,
            pos=pos,
            state=state,
            attempts=3 if failed else 0,
            error="Traceback\n  a line\nValueError: no" if failed else None,
            failed=failed,
        )
        return event

    def queue(self, key: str, states: list[str], *, workspace: UUID | None = None) -> list[UUID]:
        """Publish and park several events of one key, in order; return their ids."""
        positions = self.publish(*[key] * len(states), workspace=workspace)
        return [self.park(pos, state) for pos, state in zip(positions, states, strict=True)]

    def parked(self, name: str = SUBSCRIPTION) -> list[tuple[UUID, str, int]]:
        """Return id, state and attempts of what is parked, in the order of the log."""
        query = """
            SELECT event_id, state, attempts FROM meishi_events.parked
            WHERE subscription = %(name)s ORDER BY pos
        """
        return [tuple(row) for row in self.run(query, name=name)]

    def decided(self) -> list[Any]:
        """Return all decisions, the oldest first."""
        return self.run("SELECT * FROM meishi_events.decision ORDER BY at, id")

    def fence(self, name: str = SUBSCRIPTION, slot: int = 0) -> int:
        """Return the fence of a cursor."""
        query = "SELECT fence FROM meishi_events.cursor WHERE subscription = %(n)s AND slot = %(s)s"
        return int(self.one(query, n=name, s=slot))

    def position(self, name: str = SUBSCRIPTION, slot: int = 0) -> tuple[int, int, int]:
        """Return the newest position of a cursor."""
        query = """
            SELECT tick, upto, pos FROM meishi_events.progress
            WHERE subscription = %(n)s AND slot = %(s)s ORDER BY seq DESC LIMIT 1
        """
        return tuple(self.run(query, n=name, s=slot)[0])

    def worker(self, *, silent_seconds: int = 0) -> UUID:
        """Add a worker that was last heard of so long ago."""
        worker = uuid4()
        self.run(
            """
            INSERT INTO meishi_events.worker (id, host, pid, seen_at)
            VALUES (%(id)s, 'here', 1, clock_timestamp() - make_interval(secs => %(silent)s))
            """,
            id=worker,
            silent=silent_seconds,
        )
        return worker

    def backfill(self, workspace: UUID, *, done: bool, name: str = SUBSCRIPTION) -> None:
        """Add a workspace whose past is read, or still to be read."""
        self.run(
            "INSERT INTO meishi_events.backfill (subscription, workspace, done) "
            "VALUES (%(name)s, %(workspace)s, %(done)s)",
            name=name,
            workspace=workspace,
            done=done,
        )


@pytest.fixture
def delivery(database: Location) -> Iterator[DeliveryRows]:
    """The rows of this test's event log; each statement is a transaction of its own."""
    with psycopg.connect(
        database.administrator_url(), autocommit=True, row_factory=namedtuple_row
    ) as server:
        yield DeliveryRows(server)
