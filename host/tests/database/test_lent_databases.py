"""Databases that tests are lent."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from meishi.database.embedded import EmbeddedPostgres
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases


def test_who_comes_later_under_the_same_name_makes_all_anew(
    meishi_server: EmbeddedPostgres, meishi_settings: Settings
) -> None:
    """Fixtures of a module are made again where others' tests have come in between."""
    settings = replace(meishi_settings, deployment="again", plugins=())
    for _ in range(2):
        with (
            TestDatabases(meishi_server, settings).clone() as location,
            psycopg.connect(location.runtime_url) as connection,
        ):
            found = connection.execute("SELECT current_database()").fetchone()
            assert found == ("again_1",)
