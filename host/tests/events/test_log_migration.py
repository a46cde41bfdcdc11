"""The log's revisions: whatever way they are taken, no event is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from meishi.database.location import Location
from meishi.database.migrations import MigratedPlugin, MigrationRunner
from meishi.database.roles import RoleNames
from meishi.events.log import DB_SCHEMA
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.lifecycle.installation import with_migrations
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingMade


@pytest.fixture
def runner(database: Location) -> Iterator[MigrationRunner]:
    """A migration runner of the database under test."""
    url = database.administrator_url()
    found = MigrationRunner(url, database.runtime_url, RoleNames("test"))
    yield found
    found.close()


def log_revisions(host: Host) -> MigratedPlugin:
    """Return the log's revisions."""
    ((_, found),) = [
        item for item in with_migrations(host.plugins, {DB_SCHEMA}) if item[1].name == DB_SCHEMA
    ]
    return found


def test_events_survive_every_revision_and_positions_go_on(
    host: Host,
    runner: MigrationRunner,
    workspace: WorkspaceUnderTest,
    bus: Bus,
    log: Callable[[], list[Any]],
) -> None:
    """Down and up again, the same events stand in the log, and new ones behind them are read."""

    def publish(number: int) -> None:
        with workspace.acting_as("crm_contacts"):
            bus.publish(*(ThingMade(thing=f"{number} {item}") for item in range(3)))

    def rows() -> list[Any]:
        return sorted((row.pos, row.id, str(row.xid), row.data, row.time) for row in log())

    revisions = log_revisions(host)
    publish(1)
    Ticker(host.within).tick()
    before = rows()
    assert runner.downgrade(revisions, "meishi_events_0001")
    assert rows() == before
    publish(2)
    before = rows()
    assert len(before) == 6
    host.close()
    assert runner.upgrade(revisions)
    assert rows() == before
    publish(3)
    assert [row[:2] for row in rows()[:6]] == [row[:2] for row in before]
    assert len(rows()) == 9
    assert Ticker(host.within).tick() is not None
