"""Every installed plugin on a migrated database, and the administrator's look at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import load_plugins
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases

Administrator = psycopg.Connection[Any]


@pytest.fixture(scope="package")
def contributions(meishi_settings: Settings) -> list[Contribution]:
    """What every active plugin supplies."""
    found = list(load_plugins(meishi_settings).active())
    assert {"meishi", "meishi_events", "identity", "crm_contacts", "qr"} <= {
        item.plugin for item in found
    }
    return found


@pytest.fixture(scope="package")
def admin(meishi_databases: TestDatabases) -> Iterator[Administrator]:
    """The administrator in a database of this package; each test undoes what it does."""
    with (
        meishi_databases.clone() as location,
        psycopg.connect(location.administrator_url()) as connection,
    ):
        yield connection


@pytest.fixture(autouse=True)
def _undone(admin: Administrator) -> Iterator[None]:
    yield
    admin.rollback()
