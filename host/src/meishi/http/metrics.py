"""`/metrics`: what a monitoring system reads, with a token of its own."""

from __future__ import annotations

import hashlib
import hmac
import threading
from concurrent.futures import Future
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.alarms import Limits
from meishi.events.operations.measures import Measures, measures
from meishi.host import Host
from meishi.http.callers import BEARER
from meishi.http.problem_schema import phrase_code
from meishi.http.problems import Unauthenticated, problem
from meishi.jobs.metrics import JobMeasures, job_measures
from meishi.jobs.models import DB_SCHEMA as JOBS
from meishi.monitoring.collectors import Collectors

#: Seconds that a scrape waits for the database.
PATIENCE = 5.0

#: About the same for the database itself: no statement outlives its reader for long.
_STATEMENT_LIMIT = "SET LOCAL statement_timeout = '5s'"

_All = tuple[Measures, JobMeasures]


class MeasuresReader:
    """Reads the measures in a thread of its own, so that nobody waits for a database that hangs.

    At most one reads at a time; who asks meanwhile gets the same answer.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._reading: Future[_All] | None = None

    def read(self) -> _All:
        """Return the measures; raise `TimeoutError` if the database does not answer in time."""
        with self._lock:
            if self._reading is None or self._reading.done():
                self._reading = Future()
                # A thread that hangs must not keep the process from ending.
                threading.Thread(
                    target=self._fulfil, args=(self._reading,), name="metrics", daemon=True
                ).start()
            reading = self._reading
        return reading.result(timeout=PATIENCE)

    def _fulfil(self, reading: Future[_All]) -> None:
        try:
            reading.set_result(self._measures())
        except BaseException as error:  # noqa: BLE001 (who waits is told, whatever it is)
            reading.set_exception(error)

    def _measures(self) -> _All:
        settings = self._host.settings
        limits = Limits(
            retention_days=settings.events_retention_days,
            cap_days=settings.events_retention_cap_days,
        )
        with self._host.scope(plugin=DB_SCHEMA) as scope:
            scope.work.execute(_STATEMENT_LIMIT)
            events = measures(self._host.statuses(), limits)
        with self._host.scope(plugin=JOBS) as scope:
            scope.work.execute(_STATEMENT_LIMIT)
            return events, job_measures(self._host.jobs)


def add_metrics(app: Flask, host: Host) -> None:
    """Add the route; without the setting `metrics_token` it is as if there were none."""
    reader = MeasuresReader(host)
    collectors = Collectors(host.enabled, host.within, log_level=host.settings.log_level)

    def metrics() -> Response:
        token = host.settings.metrics_token
        if token is None:
            status = HTTPStatus.NOT_FOUND
            detail = "Set `metrics_token` to have metrics here."
            return problem(status, phrase_code(status), status.phrase, detail)
        _require(token)
        from meishi.events.metrics import exposition

        try:
            reading = collectors.begin()
            text, kind = exposition(*reader.read(), reading)
        except (DBAPIError, PoolTimeout, TimeoutError):
            return problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable", "Database unavailable"
            )
        return Response(text, content_type=kind, headers={"Cache-Control": "no-store"})

    app.add_url_rule("/metrics", "metrics", metrics)


def _require(token: str) -> None:
    """Raise unless the request carries the token; how long that takes tells nothing about it."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != BEARER or not hmac.compare_digest(_hash(given.strip()), _hash(token)):
        raise Unauthenticated("Send the token of the setting `metrics_token`: `Bearer …`.")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
