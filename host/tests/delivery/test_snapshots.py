"""No event is passed over, whatever had begun when a tick was stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from meishi.testing.events import EventDeliveries
from meishi.testing.sessions import WAITING

from .conftest import Market
from .traders import sold

#: Holds a transaction that has its position in the log and is not committed yet.
_HOLD = """
    CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE TRIGGER hold AFTER INSERT ON meishi_events.event FOR EACH ROW
        WHEN (NEW.key = 'slow') EXECUTE FUNCTION public.hold()
"""


@pytest.mark.parametrize("ticks", [1, 2, 3])
def test_what_was_about_to_commit_at_a_tick_is_delivered_after_it(
    market: Market, deliver: EventDeliveries, ticks: int
) -> None:
    """A snapshot does not know of the newest transactions that run; their positions are drawn."""
    market.admin.execute(_HOLD.encode())
    with (
        psycopg.connect(market.location.administrator_url(), autocommit=True) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        holder.execute("SELECT pg_advisory_lock(7)")
        market.publish(sold("tea", 0))
        publishing = pool.submit(market.publish, sold("slow", 1))
        _wait_for_lock(holder)
        for number in range(ticks):
            deliver()
            market.publish(sold("tea", number + 1))
        holder.execute("SELECT pg_advisory_unlock(7)")
        publishing.result()
    deliver()
    assert ("slow", 1) in market.book()
    assert len(market.book()) == ticks + 2


def _wait_for_lock(admin: psycopg.Connection[Any]) -> None:
    while admin.execute(WAITING).fetchone() == (0,):
        continue
