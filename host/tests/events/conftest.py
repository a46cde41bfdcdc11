"""A publisher of its own for each test, throw-away events, and a look into the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from meishi.database.location import Location
from meishi.declarations import DeliveryMode, EventHandler
from meishi.events.catalogue import EventCatalogue
from meishi.events.publishing import Publisher
from meishi.events.signals import EventSignals
from meishi.host import Host
from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade(Event):
    """A thing came into being; the contact service owns it in these tests."""

    event_type: ClassVar[str] = "thing.made.v2"
    subject: ClassVar[str] = "thing"

    thing: str
    fields: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingSeen(Event):
    """Somebody saw a thing; the QR generator owns it in these tests."""

    event_type: ClassVar[str] = "thing.seen.v1"
    subject: ClassVar[str] = "thing"

    thing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingForgotten(Event):
    """An event that nobody declares."""

    event_type: ClassVar[str] = "thing.forgotten.v1"
    subject: ClassVar[str] = "thing"

    thing: str


#: When everything is published.
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Handler = Callable[[Sequence[Any]], None]


class Bus:
    """A publisher with its catalogue and signals."""

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        self.signals = EventSignals()
        self.catalogue = EventCatalogue()
        self.catalogue.add("crm_contacts", ThingMade)
        self.catalogue.add("qr", ThingSeen)
        self._publisher = Publisher(self.catalogue, self.signals, new_id, lambda: NOW)

    def publish(self, *events: Event) -> None:
        """Publish events of the running plugin."""
        self._publisher.publish(events)

    def publish_to(self, workspace: UUID | None, *events: Event) -> None:
        """Publish events of the running plugin as another workspace's."""
        self._publisher.publish_to(workspace, events)

    def connect(self, plugin: str, event: type[Event], handler: Handler) -> None:
        """Let a plugin listen inside the transaction."""
        self.signals.connect(plugin, EventHandler(event, handler, DeliveryMode.IN_TRANSACTION))


@pytest.fixture
def bus(host: Host) -> Bus:
    """A publisher to which only this test listens."""
    return Bus(host.new_id)


@pytest.fixture
def log(database: Location) -> Callable[[], list[Any]]:
    """Return the rows of the log, in its order."""

    def read() -> list[Any]:
        with psycopg.connect(database.administrator_url(), row_factory=namedtuple_row) as server:
            return server.execute("SELECT * FROM meishi_events.event ORDER BY pos").fetchall()

    return read


@pytest.fixture
def stored(database: Location) -> Callable[[], list[Any]]:
    """Return type and payload of the log's rows, as text, in its order."""

    def read() -> list[Any]:
        with psycopg.connect(database.administrator_url()) as server:
            return server.execute(
                "SELECT type, data::text FROM meishi_events.event ORDER BY pos"
            ).fetchall()

    return read
