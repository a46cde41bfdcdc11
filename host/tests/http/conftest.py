"""People and tokens around the workspace under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.settings import BootPolicy, Settings
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.packages import PluginPackages, plugin_packages

Headers = dict[str, str]
IssueToken = Callable[..., Headers]
Degraded = Callable[..., AbstractContextManager[Flask]]


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path) as found:
        yield found


@pytest.fixture
def degraded(meishi_settings: Settings, database: Location) -> Degraded:
    """Boot an application with further plugins that may be faulty."""

    @contextmanager
    def boot(*names: str) -> Iterator[Flask]:
        settings = replace(
            meishi_settings, plugins=(*meishi_settings.plugins, *names), plugins_listed=True
        )
        app = create_app(settings.with_policy(BootPolicy.DEGRADE), location=database)
        yield app
        app.extensions["meishi"].close()

    return boot


@pytest.fixture
def issue_token(workspace: WorkspaceUnderTest) -> IssueToken:
    """Issue a further token of the owner and return the headers that carry it."""

    def issue(scopes: frozenset[str] | None = None, expires_at: datetime | None = None) -> Headers:
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=workspace.owner_id, name="further", scopes=scopes, expires_at=expires_at
            )
        return {"Authorization": f"Bearer {token.secret}"}

    return issue


@pytest.fixture
def change_identity(workspace: WorkspaceUnderTest) -> Callable[[str], None]:
    """Change identity's rows of the workspace in a way that no contract offers yet."""

    def change(statement: str) -> None:
        with workspace.acting_as("identity"):
            assert current_connection().execute(text(statement)).rowcount > 0

    return change
