"""The peer of event delivery: jobs of Procrastinate, locked by key, with the same effect.

It has a database of its own in the same cluster, and a worker in a process of its own. A job
inserts, in one transaction, the row that our handlers insert; jobs of one key run one after the
other, in the order in which they were deferred, because they share a lock. What is in its favour:
jobs are deferred beforehand, in bulk; the task is a coroutine on the worker's own pool, so no
thread is needed; what is done is deleted, so that the table stays small; it looks for jobs whose
lock has become free every 50 ms, not every 5 s; there are no roles, workspaces or row security.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import procrastinate
import psycopg
from procrastinate.jobs import Job
from tests.benchmarks._ledger import HANDLED

_URL, _CONCURRENCY = "BENCH_PEER_URL", "BENCH_PEER_CONCURRENCY"
_INSERT = "INSERT INTO handled (subscription, account, number) VALUES ('peer', %s, %s)"
_TASK = "note"
_LOOK_SECONDS = 0.05

#: Jobs that are deferred at a time.
_TOGETHER = 2_000

#: The account and the number that a job notes.
Keyed = tuple[str, int]

#: In which places a number follows a larger one, and what is there twice.
_WRONG = """
    SELECT count(*) FILTER (WHERE number < before), count(*) - count(DISTINCT (account, number))
    FROM (
        SELECT *, lag(number) OVER (PARTITION BY account ORDER BY id) AS before FROM handled
    ) AS heard
"""


class Peer:
    """Procrastinate on a database of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(url, autocommit=True)
        with _app(url, 2).open() as app:
            app.schema_manager.apply_schema()
        self.connection.execute(f"CREATE TABLE handled ({HANDLED}, PRIMARY KEY (id))".encode())

    def defer(self, jobs: Sequence[Keyed]) -> None:
        """Defer a job for each number of an account, in this order; forget what was before."""
        self.connection.execute("TRUNCATE handled, procrastinate_jobs CASCADE")
        with _app(self._url, 2).open() as app:
            for start in range(0, len(jobs), _TOGETHER):
                together = [_job(*keyed) for keyed in jobs[start : start + _TOGETHER]]
                app.job_manager.batch_defer_jobs(together)
        self.connection.execute("VACUUM ANALYZE")

    @contextmanager
    def worker(self, concurrency: int) -> Iterator[None]:
        """Run a worker until the block ends."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
            env=os.environ | {_URL: self._url, _CONCURRENCY: str(concurrency), "PYTHONPATH": "."},
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def done(self) -> int:
        """Return how many jobs are done."""
        return int(self._one("SELECT count(*) FROM handled"))

    def check_order(self) -> None:
        """End the benchmark unless each was done once, and those of an account in their order."""
        if self.connection.execute(_WRONG).fetchone() != (0, 0):
            raise SystemExit("the peer has lost the order")

    def _one(self, query: str) -> Any:
        found = self.connection.execute(query.encode()).fetchone()
        assert found is not None
        return found[0]


def _job(account: str, number: int) -> Job:
    return Job(
        queue="default",
        lock=account,
        queueing_lock=None,
        task_name=_TASK,
        task_kwargs={"account": account, "number": number},
    )


def _app(url: str, connections: int) -> procrastinate.App:
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=connections)
    app = procrastinate.App(connector=connector)

    @app.task(name=_TASK)
    async def note(account: str, number: int) -> None:
        async with connector.pool.connection() as connection:
            await connection.execute(_INSERT, (account, number))

    return app


async def _work(url: str, concurrency: int) -> None:
    app = _app(url, concurrency + 4)
    async with app.open_async():
        await app.run_worker_async(
            concurrency=concurrency,
            fetch_job_polling_interval=_LOOK_SECONDS,
            delete_jobs="always",
        )


def main() -> None:
    """Work until terminated."""
    asyncio.run(_work(os.environ[_URL], int(os.environ[_CONCURRENCY])))
