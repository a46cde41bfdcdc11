"""The wire to the server: commands in one trip, and commands whose answer is read later."""

from __future__ import annotations

import select
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

_DONE = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


def send(driver: psycopg.Connection[Any], commands: str) -> PGresult:
    """Run commands in one round trip, much faster than a cursor; return what the last one says.

    :raises psycopg.Error: as the server answers; the commands behind the failed one are not run
    """
    result = driver.pgconn.exec_(commands.encode())
    if result.status not in _DONE:
        raise error_from_result(result)
    return result


def post(driver: psycopg.Connection[Any], commands: str) -> None:
    """Send commands without waiting for the answer, which `settle` must read before all else."""
    driver.pgconn.send_query(commands.encode())
    _flush(driver.pgconn)


def settle(driver: psycopg.Connection[Any]) -> None:
    """Read the answer to what was posted, if anything was.

    :raises psycopg.Error: as the server answered
    """
    if driver.pgconn.transaction_status == TransactionStatus.ACTIVE:
        results = []
        while (result := _next_result(driver.pgconn)) is not None:
            results.append(result)
        check(results)


def one_trip(driver: psycopg.Connection[Any]) -> list[PGresult]:
    """Send what stands in the pipeline, and return what each command answers.

    Whatever ends the waiting for it ends the connection too: half an answer is of no use.
    """
    pgconn = driver.pgconn
    results = []
    try:
        pgconn.pipeline_sync()
        _flush(pgconn)
        while (result := _next_result(pgconn)) is None or (
            result.status != ExecStatus.PIPELINE_SYNC
        ):
            if result is not None:
                results.append(result)
        pgconn.exit_pipeline_mode()
    except BaseException:
        give_up(driver)
        raise
    return results


def give_up(driver: psycopg.Connection[Any]) -> None:
    """Close a connection on which a trip has begun; the server stops what it does for it."""
    if driver.pgconn.pipeline_status != PipelineStatus.OFF:
        with suppress(psycopg.Error):
            driver.cancel()
        driver.close()


def check(results: list[PGresult]) -> None:
    """Raise what the first command that failed answered."""
    for result in results:
        if result.status not in _DONE:
            raise error_from_result(result)


def _next_result(pgconn: PGconn) -> PGresult | None:
    """Return the answer to the next command; other threads run while it is waited for."""
    while pgconn.is_busy():
        pgconn.consume_input()
        if pgconn.is_busy():
            _wait(pgconn, select.POLLIN)
    return pgconn.get_result()


def _flush(pgconn: PGconn) -> None:
    """Have everything sent; where the server does not read on before it is read itself, do."""
    while pgconn.flush():
        _wait(pgconn, select.POLLIN | select.POLLOUT)
        pgconn.consume_input()


def _wait(pgconn: PGconn, what: int) -> None:
    waiting = select.poll()
    waiting.register(pgconn.socket, what)
    waiting.poll()
