"""The types of what the fixtures hand out, for the annotations of tests."""

from __future__ import annotations

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.browsing import Browser
from meishi.testing.databases import TestDatabases
from meishi.testing.events import EventDeliveries, PublishedEvents, Scenario
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRun, JobRuns

__all__ = [
    "Browser",
    "EmbeddedPostgres",
    "EventDeliveries",
    "Host",
    "JobRun",
    "JobRuns",
    "Location",
    "PublishedEvents",
    "Scenario",
    "Settings",
    "TestDatabases",
    "WorkspaceUnderTest",
]
