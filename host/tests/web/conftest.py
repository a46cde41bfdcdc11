"""An application with a plugin that has pages, navigation and panels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns
from meishi.testing.packages import PluginPackages
from meishi.testing.types import Host

from .people import Mails
from .shelf import PAGES, SHELF


def _write(packages: PluginPackages) -> None:
    packages.add("shelf", plugin=SHELF, files=PAGES, api_prefix="shelf", scope="workspace")


@pytest.fixture(scope="session")
def console(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, booted once."""
    settings = replace(meishi_settings, deployment="console", plugins=("shelf",))
    folder: Path = tmp_path_factory.mktemp("console")
    with application_of_packages(meishi_server, settings, folder, _write) as application:
        yield application


@pytest.fixture
def database(console: TestApplication) -> Iterator[Location]:
    """A database of its own for this test, with the application on it."""
    with console.lent() as location:
        yield location


@pytest.fixture
def app(console: TestApplication, database: Location) -> Flask:
    """The application on this test's database."""
    return console.app


@pytest.fixture
def workspace(app: Flask) -> WorkspaceUnderTest:
    """A workspace with its owner."""
    return found_workspace(app.extensions["meishi"], "one")


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app.test_client())


@pytest.fixture
def host(app: Flask) -> Host:
    """The application's host."""
    found: Host = app.extensions["meishi"]
    return found


@pytest.fixture
def mails(host: Host, run_jobs: JobRuns) -> Mails:
    """The mails of this test."""
    found = Mails(host, run_jobs)
    found.links()
    found.subjects.clear()
    return found
