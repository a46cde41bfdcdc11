"""The trial of a plugin's revisions names what they leave, miss, or do elsewhere."""

from __future__ import annotations

import pytest

from meishi.testing.conformance import check_plugin
from meishi.testing.packages import PluginPackages

from .conftest import Bench, findings

pytestmark = pytest.mark.no_calls

PLUGIN = """
from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text, Uuid
from meishi.sdk.database import plugin_metadata
from meishi.sdk.plugin import Migrations, Schemas, hookimpl

metadata = plugin_metadata("shop")
Table("shop", metadata, Column("workspace_id", Uuid, nullable=False),
      Column("id", Uuid, nullable=False), Column("name", Text, nullable=False),
      PrimaryKeyConstraint("workspace_id", "id"))

@hookimpl
def schemas(): return Schemas(db=metadata)
"""

MIGRATIONS = """
@hookimpl
def migrations(): return Migrations("shop.migrations.versions")
"""

TABLE = (
    "CREATE TABLE shop.shop (workspace_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL,"
    " CONSTRAINT shop_pkey PRIMARY KEY (workspace_id, id))"
)


MOOD = """
    DO $$ BEGIN CREATE TYPE shop.mood AS ENUM ('good');
    EXCEPTION WHEN duplicate_object THEN NULL; END $$
"""


def add_shop(packages: PluginPackages, upgrade: str, downgrade: str) -> None:
    """Write a plugin with one revision of two statements."""
    revision = (
        "from alembic import op\nrevision = 'shop_0001'\ndown_revision = None\n"
        f"def upgrade(): op.execute({upgrade!r})\n"
        f"def downgrade(): op.execute({downgrade!r})\n"
    )
    packages.add(
        "shop",
        plugin=PLUGIN + MIGRATIONS,
        files={
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001_shop.py": revision,
        },
    )


def test_tables_without_revisions_are_a_finding(packages: PluginPackages, bench_of: Bench) -> None:
    """The hook that is missing is named, and the database is not looked at."""
    packages.add("shop", plugin=PLUGIN)
    results = {item.check.name: item for item in check_plugin(bench_of("shop"), "shop")}
    (finding,) = results["upgrade"].findings
    assert finding.message == "It has tables, but the hook `migrations` is missing."
    assert results["placement"].skipped


def test_a_revision_that_fails_is_a_finding(packages: PluginPackages, bench_of: Bench) -> None:
    """Revision, statement and the server's reason are named."""
    add_shop(packages, "CREATE TABLE elsewhere.shop (id uuid)", "SELECT 1")
    (message,) = findings(bench_of("shop"), "upgrade", "shop")
    assert message.startswith(
        "The upgrade of an empty database failed: shop: revision shop_0001 failed: "
    )
    assert 'schema "elsewhere" does not exist' in message


def test_what_a_downgrade_leaves_is_a_finding(packages: PluginPackages, bench_of: Bench) -> None:
    """Every kind of object is named, and a table with all that belongs to it only once."""
    made = (
        "CREATE TABLE IF NOT EXISTS shop.log (workspace_id uuid, PRIMARY KEY (workspace_id))",
        MOOD,
        "CREATE SEQUENCE IF NOT EXISTS shop.number",
        "CREATE OR REPLACE FUNCTION shop.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    )
    add_shop(packages, "; ".join((TABLE, *made)), "DROP TABLE shop.shop")
    bench = bench_of("shop")
    found = findings(bench, "migrations", "shop")
    assert [line for line in found if line.startswith("The downgrade left ")] == [
        "The downgrade left the function shop.f().",
        "The downgrade left the sequence shop.number.",
        "The downgrade left the table shop.log.",
        "The downgrade left the type shop.mood.",
    ]
    assert found[0].startswith("Models and tables differ: ('remove_table', Table('log'")


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "messages"),
    [
        (
            TABLE.replace("name text NOT NULL", "name text"),
            "DROP TABLE shop.shop",
            ["Models and tables differ: [('modify_nullable', 'shop', 'shop', 'name'"],
        ),
        (TABLE, "DROP TABLE shop.shops", ["The downgrade failed: shop: revision shop_0001 failed"]),
        (
            TABLE,
            "ALTER TABLE shop.shop DROP COLUMN name",
            ["The second upgrade failed: ", "The downgrade left the table shop.shop."],
        ),
        (
            TABLE,
            "DROP TABLE shop.shop; CREATE SEQUENCE shop.trap",
            ["The downgrade left the sequence shop.trap.", "After down and up again the database"],
        ),
    ],
    ids=["difference", "no way down", "no way up again", "another end"],
)
def test_what_does_not_come_back_is_a_finding(
    packages: PluginPackages,
    bench_of: Bench,
    upgrade: str,
    downgrade: str,
    messages: list[str],
) -> None:
    """Down and up again must work, and end where the first upgrade ended: at the models."""
    add_shop(packages, upgrade, downgrade)
    found = findings(bench_of("shop"), "migrations", "shop")
    for message in messages:
        assert any(line.startswith(message) for line in found), found


def test_a_revision_that_steps_out_of_its_role_is_a_finding(
    packages: PluginPackages, bench_of: Bench
) -> None:
    """What it makes elsewhere as the administrator is named by the first check that sees it."""
    stray = (
        "RESET ROLE; CREATE TABLE public.stray (id integer); SET LOCAL ROLE meishi_test_shop_owner"
    )
    add_shop(packages, f"{TABLE}; {stray}", "DROP TABLE shop.shop")
    bench = bench_of("shop")
    found = [*findings(bench, "upgrade", "shop"), *findings(bench, "migrations", "shop")]
    assert any("public.stray" in line for line in found), found
