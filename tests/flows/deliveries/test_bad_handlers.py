"""A handler that misbehaves harms its own key alone, and an operator sees and mends it."""

from __future__ import annotations

import psycopg
import pytest
from tests.processes import wait_until

from .conftest import Mirrors, MirrorsWith

pytestmark = pytest.mark.once

HEALTHY = [f"healthy-{number}" for number in range(6)]

#: What a handler does to an event of each key; mended, it does nothing bad any more.
_ACTS = '''
import os, signal, sys, threading, time
from sqlalchemy import text
from meishi.sdk.context import publish
from meishi.sdk.database import current_connection, execute
from mirror.contract import Mirrored

ATTEMPTS, LIMIT_SECONDS = 2, 30.0

class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")

async def nobody_awaits():
    pass

def raises():
    raise ValueError("no such tally")
def unprintable():
    raise Unprintable
def unencodable():
    raise ValueError("a half \\ud800 and a \\0")
def exits():
    sys.exit(3)
def interrupts():
    raise KeyboardInterrupt
def returns_a_coroutine():
    return nobody_awaits()
def returns_a_text():
    return "done"
def eats_memory():
    return bytearray(3 << 30) and None
def sleeps_too_long():
    execute("SELECT set_config('statement_timeout', '100ms', true)")
    execute("SELECT pg_sleep(30)")
def waits_for_a_lock():
    execute("SELECT set_config('lock_timeout', '100ms', true)")
    execute("SELECT pg_advisory_xact_lock(1)")
def swallows_an_error():
    try:
        execute("SELECT 1 / 0")
    except Exception:
        pass
def commits():
    current_connection().commit()
def rolls_back():
    current_connection().rollback()
def commits_by_hand():
    execute("COMMIT")
def ends_its_backend():
    execute("SELECT pg_terminate_backend(pg_backend_pid())")
def closes_its_connection():
    current_connection().connection.driver_connection.close()
def goes_on_without_connection():
    closes_its_connection()
    execute("SELECT 1")
def drops_its_connection():
    current_connection().invalidate()
def publishes_too_much():
    publish(Mirrored(key="large", number=1, request="x" * 100_000))
def changes_signals():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

BAD = {name: act for name, act in list(globals().items()) if getattr(act, "__code__", None)
       and act.__code__.co_argcount == 0 and name != "nobody_awaits"}

def writes_much():
    size, = execute("SELECT length(%(text)s)", {"text": "x" * 100_000_000})[0]
    assert size == 100_000_000
def prints():
    print("x" * 100_000)
    print("y" * 100_000, file=sys.stderr)
def starts_a_thread():
    threading.Thread(target=threading.Event().wait).start()
def deadlocks():
    execute("SELECT pg_advisory_xact_lock(2)")
    while execute(THE_OTHER_IS_TO_COME) == [(True,)]:
        time.sleep(0.01)
    execute("SELECT pg_advisory_xact_lock(3)")

# Who waits looks for a deadlock once: it has to be there by then.
THE_OTHER_IS_TO_COME = """
    SELECT count(*) FILTER (WHERE objid = 3 AND granted) > 0
        AND count(*) FILTER (WHERE objid = 2 AND NOT granted) = 0
    FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

ODD = {act.__name__: act for act in (writes_much, prints, starts_a_thread, deadlocks)}

def act(event):
    harm = None if "MIRROR_MENDED" in os.environ else BAD.get(event.key)
    return (harm or ODD.get(event.key) or str)() or None
'''

#: What an operator reads of each.
BAD = {
    "raises": "ValueError: no such tally",
    "unprintable": "Unprintable",
    "unencodable": "a half \\ud800 and a \\0",
    "exits": "SystemExit: 3",
    "interrupts": "KeyboardInterrupt",
    "returns_a_coroutine": "a handler must return nothing, not a coroutine",
    "returns_a_text": "a handler must return nothing, not a str",
    "eats_memory": "MemoryError",
    "sleeps_too_long": "statement timeout",
    "waits_for_a_lock": "lock timeout",
    "swallows_an_error": "TransactionUndone",
    "commits": "CommitMisplaced",
    "rolls_back": "TransactionUndone",
    "commits_by_hand": "Misplaced",
    "ends_its_backend": "terminat",
    "closes_its_connection": "TransactionUndone",
    "goes_on_without_connection": "OperationalError",
    "drops_its_connection": "TransactionUndone",
    "publishes_too_much": "100",
    "changes_signals": "signal only works in main thread",
}
ODD = ["writes_much", "prints", "starts_a_thread"]


def test_what_a_handler_does_wrong_is_parked_and_all_else_flows(mirrors_with: MirrorsWith) -> None:
    """Each fault is there to be read, its key waits in order, and comes through once mended."""
    mirrors = mirrors_with(_ACTS)
    keys = [*BAD, *ODD, *HEALTHY]
    with (
        psycopg.connect(mirrors.system.admin_url, autocommit=True) as holder,
        mirrors.worker(),
    ):
        holder.execute("SELECT pg_advisory_lock(1)")
        for _ in range(2):
            mirrors.publish(*keys)
        given_up = {key: ["dead", "held"] for key in BAD}
        wait_until(lambda: mirrors.states() == given_up, "all bad ones are given up")
        wait_until(lambda: _shown(mirrors, "spread") == 2 * len([*ODD, *HEALTHY]), "others")
        wait_until(lambda: _shown(mirrors, "single") == 2 * len(keys), "other subscriptions")
    parked = mirrors.parked()
    for key, error in BAD.items():
        assert error in parked[key][0][1], key

    with mirrors.worker(MIRROR_MENDED="1"):
        retry_all(mirrors)
        wait_until(lambda: mirrors.parked() == {}, "all is retried")
    assert all(mirrors.numbers(key) == [1, 2] for key in keys)


def test_a_handler_in_a_deadlock_is_called_again(mirrors_with: MirrorsWith) -> None:
    """Whoever loses a deadlock has done nothing wrong: it is not parked, and its effect is one."""
    mirrors = mirrors_with(_ACTS)
    with psycopg.connect(mirrors.system.admin_url) as other, mirrors.worker():
        # Whoever looks for a deadlock first is the one that loses it.
        other.execute("SET deadlock_timeout = '60s'")
        other.execute("SELECT pg_advisory_xact_lock(3)")
        mirrors.publish("deadlocks")
        taken = """
            SELECT count(*) > 0 FROM pg_locks
            WHERE locktype = 'advisory' AND (classid, objid, objsubid) = (0, 2, 1)
        """
        wait_until(lambda: bool(mirrors.system.rows(taken)[0][0]), "it has what the other wants")
        other.execute("SELECT pg_advisory_xact_lock(2)")
        other.rollback()
        wait_until(lambda: mirrors.numbers("deadlocks") == [1], "it comes through")
    assert "event parked" not in mirrors.system.log()


def _shown(mirrors: Mirrors, mirror: str) -> int:
    query = "SELECT count(*) FROM mirror.effect WHERE mirror = %s"
    return int(mirrors.system.rows(query, [mirror])[0][0])


def retry_all(mirrors: Mirrors) -> None:
    """Let everything that was given up be tried again, as an operator does."""
    mirrors.system.rows(
        "UPDATE meishi_events.parked SET state = 'retry', attempts = 0, "
        "next_at = clock_timestamp() WHERE state = 'dead'"
    )
