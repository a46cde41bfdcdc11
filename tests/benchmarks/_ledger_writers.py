"""Writers that make reading the log as hard as it can be, in processes of several threads.

Transactions last from under a millisecond to several hundred. Long ones take their transaction's
number first and the locks of their accounts late, or hold locks until they end; one in ten is
undone. Half of all changes fall on a few accounts, for which the writers wait for each other.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from uuid import UUID

import msgspec

from meishi.command.deployment import Deployment
from meishi.host import Host
from meishi.sdk.context import publish

PROCESSES, THREADS = 6, 4

#: How many events a transaction has, and how often.
_SIZES, _WEIGHTS = (1, 2, 5, 20), (60, 20, 12, 8)

#: How often a transaction is undone, and how often it pauses at each of three places.
_UNDONE, _PAUSES = 0.1, 0.04
_LONGEST_PAUSE = 0.2
_HOT = 10


class _Undone(Exception):
    """The transaction shall leave nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the writers of one process do: how many events, at which rate (0: as they can)."""

    seed: int
    events: int
    per_second: float
    single: bool
    accounts: dict[UUID, list[UUID]]


@dataclass(slots=True)
class Tally:
    """What became of transactions and their events."""

    committed: int = 0
    undone: int = 0
    events: int = 0


class Writer(threading.Thread):
    """One thread, with an account of its own besides those of all."""

    def __init__(self, host: Host, orders: Orders, number: int) -> None:
        super().__init__(daemon=True)
        self._host = host
        self._orders = orders
        self._chance = random.Random(f"{orders.seed}/{number}")
        self._workspaces = list(orders.accounts)
        self._own = orders.seed * THREADS + number
        self.tally = Tally()
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Write until as many events are committed as were ordered."""
        share = self._orders.events / THREADS
        pace = self._orders.per_second / THREADS
        started = time.monotonic()
        try:
            while self.tally.events < share:
                if pace:
                    due = started + (self.tally.events + self._chance.random()) / pace
                    time.sleep(max(0.0, due - time.monotonic()))
                self._transaction()
        except BaseException as error:
            self.failure = error
            raise

    def _transaction(self) -> None:
        size = 1 if self._orders.single else self._chance.choices(_SIZES, _WEIGHTS)[0]
        workspace = self._chance.choice(self._workspaces)
        try:
            with self._host.scope(workspace=workspace, plugin="bench_ledger"):
                self._change(self._orders.accounts[workspace], size)
                if self._chance.random() < _UNDONE:
                    raise _Undone
        except _Undone:
            self.tally.undone += 1
        else:
            self.tally.committed += 1
            self.tally.events += size

    def _change(self, accounts: list[UUID], size: int) -> None:
        """Lock accounts in the order of their ids, so that nobody waits in a circle."""
        from bench_ledger import contract, repository  # type: ignore[import-not-found]

        shared = accounts[PROCESSES * THREADS :]
        chosen = {
            self._chance.choice(shared[:_HOT] if self._chance.random() < 0.5 else shared)
            for _ in range(size - 1)
        }
        first = accounts[self._own] if self._chance.random() < 0.5 else None
        while len(chosen) + bool(first) < size:
            chosen.add(self._chance.choice(shared))
        order = [*([first] if first else []), *sorted(chosen)]
        self._pause()
        entries = []
        for account in order:
            number = repository.next_number(account)
            entries.append(contract.EntryMade(account=account, number=number))
            self._pause()
        publish(*entries)
        self._pause()

    def _pause(self) -> None:
        if self._chance.random() < _PAUSES:
            time.sleep(self._chance.random() * _LONGEST_PAUSE)


def write(orders: Orders) -> Tally:
    """Follow the orders in this process, and return what was done."""
    deployment = Deployment(None)
    try:
        host = deployment.host()
        writers = [Writer(host, orders, number) for number in range(THREADS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    finally:
        deployment.close()
    failures = [writer.failure for writer in writers if writer.failure is not None]
    if failures:
        raise failures[0]
    tallies = [writer.tally for writer in writers]
    return Tally(
        sum(tally.committed for tally in tallies),
        sum(tally.undone for tally in tallies),
        sum(tally.events for tally in tallies),
    )


class Writing:
    """Processes that write; together they commit at least so many events."""

    def __init__(
        self,
        environment: dict[str, str],
        accounts: dict[UUID, list[UUID]],
        *,
        events: int,
        per_second: float = 0,
        single: bool = False,
    ) -> None:
        self._processes = []
        for seed in range(PROCESSES):
            orders = Orders(
                seed=seed,
                events=-(-events // PROCESSES),
                per_second=per_second / PROCESSES,
                single=single,
                accounts=accounts,
            )
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "tests.benchmarks._ledger_writers"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(orders))
            process.stdin.close()
            self._processes.append(process)

    def going_on(self) -> bool:
        """Whether any of them still writes."""
        return any(process.poll() is None for process in self._processes)

    def finished(self) -> Tally:
        """Wait for all, and return what they did."""
        total = Tally()
        for process in self._processes:
            assert process.stdout is not None
            written = process.stdout.read()
            if process.wait() != 0:
                raise SystemExit("a writer failed")
            tally = Tally(**json.loads(written))
            total.committed += tally.committed
            total.undone += tally.undone
            total.events += tally.events
        return total


if __name__ == "__main__":
    ordered = msgspec.json.decode(sys.stdin.buffer.read(), type=Orders)
    print(json.dumps(asdict(write(ordered))))
