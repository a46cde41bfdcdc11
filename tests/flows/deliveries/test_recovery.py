"""A worker goes on by itself after whatever happened to its database and to the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.processes import wait_until

from .conftest import Mirrors, MirrorsWith
from .tallies import MIRRORS

pytestmark = pytest.mark.once

KEYS = [f"key-{number}" for number in range(8)]

#: One key is refused as long as a file is not there.
_ACTS = """
from pathlib import Path

ATTEMPTS, LIMIT_SECONDS = 1000, 30.0

def act(event):
    if event.key == "sour" and not Path({sweet!r}).exists():
        raise ValueError("too sour")
"""

_END_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_lost_connections_are_replaced(mirrors_with: MirrorsWith, tmp_path: Path) -> None:
    """Each alone or all at once, with a pool that is too small, and while none is to be had."""
    mirrors = mirrors_with(_ACTS.format(sweet=str(tmp_path / "sweet")))
    rows = mirrors.system.rows
    role = mirrors.host.roles.runtime
    with mirrors.worker(MEISHI_DATABASE_POOL="1"):
        _flows(mirrors)
        rows(_END_CONNECTIONS)
        _flows(mirrors)
        rows(f"{_END_CONNECTIONS} AND query LIKE 'LISTEN%%'", [])
        _flows(mirrors)
        rows(f'ALTER ROLE "{role}" CONNECTION LIMIT 0')
        rows(_END_CONNECTIONS)
        told = "too many connections"
        wait_until(lambda: told in mirrors.system.log(), "no connection is to be had")
        rows(f'ALTER ROLE "{role}" CONNECTION LIMIT -1')
        _flows(mirrors)
    assert "event parked" not in mirrors.system.log()


def test_events_without_a_partition_are_delivered(
    mirrors_with: MirrorsWith, tmp_path: Path
) -> None:
    """What finds no partition of its own goes into the default one, and is read from there."""
    mirrors = mirrors_with(_ACTS.format(sweet=str(tmp_path / "sweet")))
    partitions = """
        SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'meishi_events.event'::regclass AND inhrelid::regclass::text ~ '[0-9]$'
    """
    with mirrors.worker():
        wait_until(lambda: bool(mirrors.system.rows(partitions)), "a partition is made")
        _flows(mirrors)
        for (name,) in mirrors.system.rows(partitions):
            mirrors.system.rows(f"DROP TABLE {name}")
        # Positions that a partition would have taken.
        mirrors.system.rows("SELECT setval('meishi_events.event_pos_seq', 100000)")
        _flows(mirrors)


def test_times_that_a_clock_has_left_behind_do_not_count(
    mirrors_with: MirrorsWith, tmp_path: Path
) -> None:
    """Leases, workers and retries of a future that was set back hold nothing up."""
    sweet = tmp_path / "sweet"
    mirrors = mirrors_with(_ACTS.format(sweet=str(sweet)))
    rows = mirrors.system.rows
    with mirrors.worker():
        _flows(mirrors)
    rows(
        "UPDATE meishi_events.cursor SET owner = gen_random_uuid(), "
        "lease_until = clock_timestamp() + slot * interval '10 days' - interval '5 days'"
    )
    for days in (-10, 10):
        rows(
            "INSERT INTO meishi_events.worker (id, host, pid, seen_at) SELECT gen_random_uuid(), "
            "'elsewhere', 1, clock_timestamp() + make_interval(days => %s) "
            "FROM generate_series(1, 5)",
            [days],
        )
    with mirrors.worker():
        _flows(mirrors)
        mirrors.publish("sour")
        wait_until(lambda: "sour" in mirrors.parked(), "it is parked")
        sweet.touch()
        rows("UPDATE meishi_events.parked SET next_at = clock_timestamp() + interval '10 days'")
        wait_until(lambda: mirrors.parked() == {}, "it is tried again")
        assert mirrors.numbers("sour") == [1]
        # The lease of a worker that is alive, as it stands after its clock was set.
        rows("UPDATE meishi_events.cursor SET lease_until = clock_timestamp() - interval '1 day'")
        _flows(mirrors)
        rows("UPDATE meishi_events.cursor SET lease_until = clock_timestamp() + interval '1 day'")
        _flows(mirrors)


def _flows(mirrors: Mirrors) -> None:
    """Hold that what is published now reaches every mirror, in order and once."""
    for _ in range(2):
        mirrors.publish(*KEYS)
    ((raised,),) = mirrors.system.rows("SELECT number FROM tally.tally WHERE key = %s", [KEYS[0]])
    shown = "SELECT count(*) FROM mirror.effect WHERE key = ANY (%s)"
    effects = raised * len(KEYS) * len(MIRRORS)
    wait_until(lambda: mirrors.system.rows(shown, [KEYS]) >= [(effects,)], "all is delivered")
    for mirror in MIRRORS:
        for key in KEYS:
            assert mirrors.numbers(key, mirror) == list(range(1, raised + 1))
