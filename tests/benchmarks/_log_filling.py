"""A log that has been growing for a while: many events, in many transactions and partitions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tests.benchmarks._ledger import ENTRY, TYPES
from tests.benchmarks._ledger_site import Site

from meishi.declarations.events import SLOTS
from meishi.events.ticks import Ticker

#: Events that are stored in one transaction, before a tick.
_TOGETHER = 50_000

#: Into how many partitions the old events are divided, as if each were a day; none is smaller.
_PARTITIONS, _SMALLEST = 30, 10_000

#: Room for the events that are measured, in a partition of their own.
_ROOM = 2_000_000

#: What the rows of an account have in common is made once; good chance would take its time.
_STORE = """
    WITH account AS MATERIALIZED (
        SELECT workspace_id, id::text AS key, row_number() OVER () - 1 AS nth,
            abs(hashtext(id::text)) %% %(slots)s AS slot,
            jsonb_build_object('actor', NULL, 'correlation', id, 'causation', NULL) AS trace,
            jsonb_build_object('account', id, 'number', 1) AS data
        FROM bench_ledger.account
    )
    INSERT INTO meishi_events.event
        (id, source, type, version, workspace_id, subject, key, slot, trace, data)
    SELECT md5(random()::text)::uuid, 'bench_ledger', %(type)s, 1, workspace_id, key, key, slot,
        trace, data
    FROM generate_series(1, %(events)s) AS number
    JOIN account ON nth = number %% (SELECT count(*) FROM account)
    ORDER BY number
"""


@dataclass
class GrowingLog:
    """The log of a site; events get into it as the administrator's, as many as are wanted."""

    site: Site

    @cached_property
    def ticker(self) -> Ticker:
        """The real one."""
        return Ticker(self.site.host.within)

    def fill(self, size: int) -> None:
        """Store so many old events, and have everything ready for those that are measured."""
        last = self._partitioned(size)
        self._add_partition(last, last + _ROOM)
        self.store(size, ENTRY, together=_TOGETHER)
        self.site.administrator.execute("VACUUM (ANALYZE) meishi_events.event")

    def store(self, events: int, event: str, *, together: int) -> None:
        """Store fresh events, with a tick after each transaction."""
        for start in range(0, events, together):
            self._store(min(together, events - start), event)
            self.ticker.tick()

    def store_one(self, event: str) -> None:
        """Store one event, and leave the tick to others."""
        self._store(1, event)

    def _store(self, events: int, event: str) -> None:
        values = {"type": TYPES[event], "slots": SLOTS, "events": events}
        self.site.administrator.execute(_STORE, values)

    def _partitioned(self, size: int) -> int:
        """Add partitions for old events; return where the next one begins."""
        each = max(_SMALLEST, -(-size // _PARTITIONS))
        start = self.site.newest() + 1
        while size > 0:
            self._add_partition(start, start + each)
            start, size = start + each, size - each
        return start

    def _add_partition(self, start: int, end: int) -> None:
        self.site.administrator.execute("SELECT meishi_events.add_partition(%s, %s)", (start, end))
