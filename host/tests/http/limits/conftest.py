"""Applications with limits, and with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = datetime(2027, 1, 15, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return its time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Set it forward."""
        self.now += timedelta(seconds=seconds)


Limited = Callable[..., FlaskClient]


@pytest.fixture
def clock() -> Clock:
    """The clock of the applications with limits."""
    return Clock()


@pytest.fixture
def limited(
    meishi_settings: Settings, host: Host, database: Location, clock: Clock
) -> Iterator[Limited]:
    """Boot an application with other settings on this test's database; return its client."""
    with ExitStack() as stack:

        def boot(**values: Any) -> FlaskClient:
            app = create_app(replace(meishi_settings, **values), location=database, clock=clock)
            stack.callback(app.extensions["meishi"].close)
            return app.test_client()

        yield boot
