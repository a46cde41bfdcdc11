"""A web process whose database is away when it starts."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from flask import Flask
from werkzeug.test import Client

from meishi.app import create_app
from meishi.errors import BootRefused, DatabaseUnavailable, SettingsError
from meishi.served import ServedApplication

from .conftest import Pair


def _let_in(pair: Pair, allowed: bool) -> None:
    """Let the database of the main deployment accept connections, or not."""
    url = pair.location.administrator_url().replace("+psycopg", "")
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')


def test_it_says_that_the_database_is_away_until_it_is_there(pair: Pair) -> None:
    """As one started while the database recovers: it neither ends nor keeps anybody waiting."""
    settings = pair.host.settings
    _let_in(pair, allowed=False)
    try:
        served = ServedApplication(lambda: create_app(settings, location=pair.location), settings)
    finally:
        _let_in(pair, allowed=True)
    client = Client(served)
    away = client.get("/health", buffered=True)
    deadline = time.monotonic() + 120
    while client.get("/health", buffered=True).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    served.stop()
    served.host.close()
    assert away.status_code == 503
    assert away.headers["Retry-After"] == "2"
    assert away.json is not None
    assert away.json["type"].endswith("database-unavailable")
    assert away.json["instance"] == "/health"


def test_what_waiting_does_not_mend_ends_it(pair: Pair) -> None:
    """Anything else is heard of at once."""

    def make() -> None:
        raise SettingsError("No.")

    with pytest.raises(SettingsError):
        ServedApplication(make, pair.host.settings)  # type: ignore[arg-type]


def test_what_the_database_was_in_the_way_of_ends_it_later(pair: Pair) -> None:
    """Nobody is told that the database is away where it is there, and something else is wrong."""
    faults = iter([DatabaseUnavailable("Away."), DatabaseUnavailable("Away."), BootRefused("No.")])
    ended = threading.Event()

    def make() -> Flask:
        raise next(faults)

    served = ServedApplication(make, pair.host.settings, end=ended.set)
    assert ended.wait(60)
    assert next(faults, None) is None
    assert served.current is None
