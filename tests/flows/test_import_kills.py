"""An import whose worker is killed (-9) in the midst of writing: nothing twice, nothing missing."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from tests.benchmarks._address_books import address_book
from tests.flows.deliveries.systems import Process, System
from tests.flows.test_import_operations import (
    Importing,
    assert_all_of_it,
    importing,
    kill_the_one_at_work,
    started,
    system,
)
from tests.processes import wait_until

__all__ = ["importing", "started", "system"]

CARDS = 3_000
#: What is written of a chunk, from its first table to the last word about it.
WRITES = (
    *("contact", "email", "phone", "address", "contact_word", "duplicate_key", "fingerprint"),
    *("import_row", "contact_import"),
)
KILLS = 3

#: A transaction that holds a table in a mode: what it did there is not committed.
_HELD = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass AND mode = %s)
"""


def test_import_killed_while_it_writes_is_whole(
    system: System, importing: Importing, started: Callable[..., Process]
) -> None:
    """Whatever table it was at, each card is one contact with one event in the end."""
    chance = random.Random(2026)
    book = address_book(CARDS)
    started("worker")
    importing.run(importing.upload(book))
    with psycopg.connect(system.admin_url, autocommit=True) as admin:
        for table in chance.sample(WRITES, KILLS):
            written = partial(_held, admin, table, "RowExclusiveLock")
            wait_until(written, f"{table} written", every=0.001)
            kill_the_one_at_work(system)
            # Whose connection is gone has its transaction taken back; another one starts anew.
            wait_until(lambda: not _held(admin, "contact_import", "RowShareLock"), "given up")
            assert importing.look()["state"] in {"running", "waiting"}
    done = importing.wait_for_the_end()
    assert done["state"] == "succeeded", system.log()
    assert (done["result"]["rows"], done["result"]["created"]) == (CARDS, CARDS)
    assert done["attempts"] == 1 + KILLS
    assert_all_of_it(system, CARDS)


def _held(admin: psycopg.Connection[Any], table: str, mode: str) -> bool:
    row = admin.execute(_HELD.encode(), [f"crm_contacts.{table}", mode]).fetchone()
    return row is not None and bool(row[0])
