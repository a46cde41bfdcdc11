"""`meishi plugins purge`, on a deployment of its own: roles belong to the whole server."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from meishi.database.embedded.binaries import locate
from meishi.database.engine import driver_url
from meishi.database.location import Location
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages
from meishi.testing.sessions import WAITING

from .conftest import Run
from .shops import LIFECYCLE, enable, install, left, remove, rows

pytestmark = pytest.mark.once

#: What the host's own tables hold of a shop at work, in two workspaces.
TRACES = """
    INSERT INTO meishi_events.subscription (name, plugin, types, slots, state)
        VALUES ('shop.stock', 'shop', '{contact.created.v1}', 1, 'live'),
               ('store.stock', 'store', '{contact.created.v1}', 1, 'live');
    INSERT INTO meishi_events.cursor (subscription, slot) VALUES ('shop.stock', 0);
    INSERT INTO meishi_events.parked
            (subscription, pos, slot, event_id, type, key, event, state)
        VALUES ('shop.stock', 7, 0, gen_random_uuid(), 'contact.created.v1', 'k', '{}', 'dead');
    INSERT INTO meishi_events.event (id, source, type, version, subject, key, slot, trace, data)
        VALUES (gen_random_uuid(), 'shop', 'order.placed.v1', 1, 'one', 'one', 0, '{}', '{}');
    INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name)
        VALUES ('shop.default', 'shop.digest'), ('store.default', 'store.digest'),
               ('shop_two.default', 'shop_two.digest');
    INSERT INTO meishi_jobs.schedule (job, cron, last_tick)
        VALUES ('shop.digest', '0 0 * * *', now()), ('store.digest', '0 0 * * *', now());
    INSERT INTO meishi_settings.workspace_settings VALUES
        (gen_random_uuid(), 'shop', '{}', 1, now()), (gen_random_uuid(), 'shop', '{}', 1, now()),
        (gen_random_uuid(), 'store', '{}', 1, now());
    INSERT INTO meishi_operations.operation (workspace_id, id, kind, state, done,
            cancel_requested, attempts, created_at, version)
        SELECT gen_random_uuid(), gen_random_uuid(), kind, 'waiting', 0, false, 0, now(), 1
        FROM unnest('{shop.digest,store.digest}'::text[]) AS kind;
"""


ALL_OF_SHOP = ["meishi_purge_shop_owner", "meishi_purge_shop_run", "shop", "shop"]


@pytest.fixture
def shop(packages: PluginPackages, run: Run, bare: Location, tmp_path: Path) -> Path:
    """A shop that was at work, and is disabled now."""
    root = install(packages, run, tmp_path, "shop")
    rows(bare, "INSERT INTO shop.item SELECT gen_random_uuid(), 1 FROM generate_series(1, 3)")
    rows(bare, "INSERT INTO shop.day VALUES (1), (2)")
    rows(bare, TRACES)
    enable(tmp_path)
    return root


def test_a_rehearsal_tells_everything_and_changes_nothing(
    run: Run, bare: Location, shop: Path
) -> None:
    """Tables with rows of all workspaces, and what the host has of the plugin, are counted."""
    told = run("plugins", "purge", "shop", "--dry-run", "--json")
    assert (told.code, told.err) == (0, "")
    document = json.loads(told.out)
    (impact,) = document["would_purge"]
    tables = {table["name"]: table["rows"] for table in impact["tables"]}
    assert tables == {"item": 3, "day": 2}
    assert all(table["size"] > 0 for table in impact["tables"])
    assert {what: count for what, count in impact["traces"].items() if count} == {
        "parked events": 1,
        "subscriptions": 1,
        "jobs": 1,
        "schedules": 1,
        "settings of workspaces": 2,
    }
    assert impact["roles"] == ALL_OF_SHOP[:2]
    assert (impact["published"], impact["installed"], impact["version"]) == (1, True, "1.0")
    assert document["obstacles"] == []
    text = run("plugins", "purge", "shop", "--dry-run")
    assert "shop.item" in text.out
    assert "Nothing was changed." in text.out
    assert left(bare, "shop") == ALL_OF_SHOP


@pytest.mark.parametrize("package", ["installed", "gone"])
def test_a_purge_leaves_nothing_but_the_copy_and_the_events(
    run: Run, bare: Location, shop: Path, tmp_path: Path, package: str
) -> None:
    """Of others nothing is touched, whether or not the package is still there."""
    if package == "gone":
        remove(shop)
    done = run("plugins", "purge", "shop", "--yes", "shop", "--json")
    assert (done.code, done.err) == (0, "")
    (purged,) = json.loads(done.out)["purged"]
    assert purged["kept_roles"] == []
    assert left(bare, "shop") == []
    assert rows(bare, "SELECT name FROM meishi_events.subscription") == [("store.stock",)]
    for table, kept in (
        ("meishi_events.cursor", 0),
        ("meishi_events.parked", 0),
        ("meishi_events.event WHERE source = 'shop'", 1),
        ("meishi_jobs.procrastinate_jobs", 2),
        ("meishi_jobs.schedule WHERE job LIKE 's%'", 1),
        ("meishi_settings.workspace_settings", 1),
    ):
        assert rows(bare, f"SELECT count(*) FROM {table}") == [(kept,)], table
    dump = Path(purged["dump"])
    assert dump.parent == tmp_path / "home" / "purged"
    assert dump.stat().st_mode & 0o777 == 0o600
    assert dump.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in dump.parent.iterdir()] == [dump.name]


def test_what_is_discarded_or_ended_by_a_purge_says_so(
    run: Run, bare: Location, shop: Path
) -> None:
    """A parked event has its decision, and an operation its end."""
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert rows(bare, "SELECT subscription, action, reason FROM meishi_events.decision") == [
        ("shop.stock", "discard", "its plugin was purged")
    ]
    assert rows(
        bare, "SELECT kind, state, error_code FROM meishi_operations.operation ORDER BY kind"
    ) == [("shop.digest", "failed", "module-removed"), ("store.digest", "waiting", None)]


def test_installing_again_starts_clean(
    run: Run, bare: Location, shop: Path, packages: PluginPackages, tmp_path: Path
) -> None:
    """The revisions run from the first one on, into empty tables that can be used."""
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    install(packages, run, tmp_path, "shop")
    assert left(bare, "shop") == ALL_OF_SHOP
    assert rows(bare, "SELECT count(*) FROM shop.item") == [(0,)]
    rows(bare, "INSERT INTO shop.item VALUES (gen_random_uuid(), 1)")
    enable(tmp_path)
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left(bare, "shop") == []


def test_the_copy_can_be_restored_elsewhere(
    run: Run, bare: Location, shop: Path, bare_databases: TestDatabases
) -> None:
    """It needs neither the roles nor the plugin that it was made of."""
    done = run("plugins", "purge", "shop", "--yes", "shop", "--json")
    dump = json.loads(done.out)["purged"][0]["dump"]
    with bare_databases.empty() as other:
        url = other.administrator_url()
        command = [str(locate().root / "bin" / "pg_restore"), "--exit-on-error", "--no-owner"]
        subprocess.run([*command, "--no-privileges", f"--dbname={url}", dump], check=True)
        assert rows(other, "SELECT count(*) FROM shop.item") == [(3,)]
        assert rows(other, "SELECT count(*) FROM shop.day") == [(2,)]


@pytest.mark.parametrize("does", ["1 / 0", "'much'"])
def test_a_rehearsal_goes_on_where_a_plugin_cannot_tell_what_it_has_outside(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path, does: str
) -> None:
    """Its fault is told where its lines would be, beside all that is known without it."""
    shop = install(packages, run, tmp_path, "shop")
    with (shop / "plugin.py").open("a") as file:
        file.write(LIFECYCLE.format(turn="purge_impact", does=does))
    packages.forget()
    told = run("plugins", "purge", "shop", "--dry-run")
    assert (told.code, told.err) == (0, "")
    assert "unknown: shop: `purge_impact` of its hook `lifecycle`" in told.out
    assert "In the way: shop is enabled in this deployment." in told.out
    (document,) = json.loads(run("plugins", "purge", "shop", "--dry-run", "--json").out)[
        "would_purge"
    ]
    assert document["outside"][0].startswith("unknown: shop: `purge_impact`")


def test_a_plugin_that_is_not_loaded_is_said_to_give_nothing_back(run: Run, shop: Path) -> None:
    """Its code is not called, so whoever has to clean up elsewhere hears of that before."""
    told = run("plugins", "purge", "shop", "--dry-run")
    assert "unknown: shop is not loaded" in told.out


def test_a_plugin_that_refuses_to_go_is_told_with_the_way_out(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """Nothing is purged then, and nobody is stuck with it."""
    shop = install(packages, run, tmp_path, "shop")
    with (shop / "plugin.py").open("a") as file:
        file.write(LIFECYCLE.format(turn="before_purge", does="1 / 0"))
    packages.forget()
    assert run("plugins", "disable", "shop").code == 0
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.code == 1
    assert "`before_purge` of its hook `lifecycle` raised ZeroDivisionError" in refused.err
    assert "Hint: Nothing was purged. A plugin whose package is not installed" in refused.err
    assert left(bare, "shop") == ALL_OF_SHOP
    remove(shop)
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left(bare, "shop") == []


def test_a_plugin_is_not_asked_to_go_as_long_as_no_copy_can_be_made(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """What it would give back cannot be had again, and it stays."""
    shop = install(packages, run, tmp_path, "shop")
    asked = tmp_path / "asked"
    with (shop / "plugin.py").open("a") as file:
        file.write(LIFECYCLE.format(turn="before_purge", does=f"open({str(asked)!r}, 'w').close()"))
    packages.forget()
    assert run("plugins", "disable", "shop").code == 0
    copies = tmp_path / "home" / "purged"
    copies.parent.mkdir(exist_ok=True)
    copies.write_text("no folder")
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.err.startswith("Error: The copy of shop cannot be written to")
    assert (asked.exists(), left(bare, "shop")) == (False, ALL_OF_SHOP)
    copies.unlink()
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert (asked.exists(), left(bare, "shop")) == (True, [])


def test_a_plugin_that_is_enabled_is_not_purged(
    run: Run, bare: Location, shop: Path, tmp_path: Path
) -> None:
    """Nobody loses data that they still work with."""
    enable(tmp_path, "shop")
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.code == 1
    assert refused.err == (
        "Error: shop is enabled in this deployment.\n"
        "Hint: `meishi plugins disable shop` switches it off; so does a restart without it in the "
        "setting `plugins`.\n"
    )
    assert left(bare, "shop") == ALL_OF_SHOP


def test_a_plugin_that_is_switched_off_is_purged_and_stays_off(
    run: Run, bare: Location, shop: Path, tmp_path: Path
) -> None:
    """It is made anew only where somebody asks for that."""
    enable(tmp_path, "shop")
    assert run("plugins", "disable", "shop").code == 0
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left(bare, "shop") == []
    assert rows(bare, "SELECT plugin, enabled FROM meishi_plugins.deployment_switch") == [
        ("shop", False)
    ]
    ((said,),) = rows(bare, "SELECT said FROM meishi_plugins.change ORDER BY id DESC LIMIT 1")
    assert said.startswith("purged by ")
    assert run("plugins", "install", "shop").code == 0
    assert rows(bare, "SELECT count(*) FROM shop.item") == [(0,)]


def test_the_switch_of_a_plugin_whose_package_is_gone_goes_with_it(
    run: Run, bare: Location, shop: Path, tmp_path: Path
) -> None:
    """Installed again some day, it is as new."""
    enable(tmp_path, "shop")
    assert run("plugins", "disable", "shop").code == 0
    remove(shop)
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert rows(bare, "SELECT plugin FROM meishi_plugins.deployment_switch") == []


DELIVERING = """
    UPDATE meishi_events.cursor SET owner = gen_random_uuid(),
        lease_until = now() + interval '9 s'
"""
WORKING = """
    WITH worker AS (
        INSERT INTO meishi_jobs.procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id)
    UPDATE meishi_jobs.procrastinate_jobs SET status = 'doing', worker_id = worker.id
    FROM worker WHERE task_name = 'shop.digest'
"""


@pytest.mark.parametrize("at_work", [DELIVERING, WORKING])
def test_a_plugin_for_which_a_worker_is_at_work_is_not_purged(
    run: Run, bare: Location, shop: Path, at_work: str
) -> None:
    """A process that has not heard of the new settings would go on with tables that are gone."""
    rows(bare, at_work)
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.code == 1
    assert refused.err.startswith("Error: A worker is still at work for shop.\n")
    assert left(bare, "shop") == ALL_OF_SHOP


def test_what_others_need_goes_with_them_or_not_at_all(
    run: Run, bare: Location, shop: Path, packages: PluginPackages, tmp_path: Path
) -> None:
    """Dependents are those in the database, and go first."""
    store = install(packages, run, tmp_path, "store", requires={"shop": "*"})
    enable(tmp_path)
    remove(store)
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.code == 1
    assert refused.err.startswith("Error: shop is needed by store,")
    told = json.loads(run("plugins", "purge", "shop", "--dry-run", "--json").out)
    assert told["would_purge"][0]["dependents"] == ["store"]
    assert len(told["obstacles"]) == 1
    done = run("plugins", "purge", "shop", "--yes", "shop", "--cascade", "--json")
    assert done.code == 0
    assert [item["plugin"] for item in json.loads(done.out)["purged"]] == ["store", "shop"]
    assert left(bare, "shop") == left(bare, "store") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("identity", "identity is a part of the host, and cannot be purged."),
        ("meishi", "meishi is a part of the host, and cannot be purged."),
        ("shoop", "Nothing of 'shoop' is in the database."),
        ("public", "Nothing of 'public' is in the database."),
        ("meishi_extensions", "Nothing of 'meishi_extensions' is in the database."),
        ("SHOP", "Nothing of 'SHOP' is in the database."),
        ("名刺", "Nothing of '名刺' is in the database."),
        ("\udcff", "Nothing of '\\udcff' is in the database."),
        ("../shop", "Nothing of '../shop' is in the database."),
        ("s" * 400, f"Nothing of '{'s' * 400}' is in the database."),
    ],
)
def test_what_is_no_plugin_in_the_database_is_not_purged(
    run: Run, bare: Location, name: str, message: str
) -> None:
    """Not every db_schema is one of ours to drop."""
    refused = run("plugins", "purge", name, "--yes", name)
    assert refused.code == 1
    assert refused.err.startswith(f"Error: {message}\n")


def test_a_name_that_is_typed_differently_changes_nothing(
    run: Run, bare: Location, shop: Path
) -> None:
    """Who deletes says what."""
    refused = run("plugins", "purge", "shop", "--yes", "store")
    assert refused.code == 1
    assert refused.err == "Error: 'store' is not 'shop'. Nothing was changed.\n"
    assert left(bare, "shop") == ALL_OF_SHOP


def test_without_a_copy_nothing_goes_unless_that_is_said(
    run: Run, bare: Location, shop: Path, tmp_path: Path
) -> None:
    """A folder that cannot be written to keeps the data where they are."""
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "purged").write_text("in the way")
    refused = run("plugins", "purge", "shop", "--yes", "shop")
    assert refused.code == 1
    assert refused.err.startswith("Error: The copy of shop cannot be written to ")
    assert left(bare, "shop") == ALL_OF_SHOP
    done = run("plugins", "purge", "shop", "--yes", "shop", "--without-dump", "--json")
    assert done.code == 0
    assert json.loads(done.out)["purged"][0]["dump"] is None
    assert left(bare, "shop") == []


def test_what_an_interrupted_installation_left_can_be_purged(
    run: Run, bare: Location, shop: Path
) -> None:
    """A db_schema is enough, without a line that remembers the plugin."""
    remove(shop)
    rows(bare, "DELETE FROM meishi.plugin WHERE name = 'shop'")
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left(bare, "shop") == []


def test_roles_that_another_database_needs_stay_and_are_told(
    run: Run, bare: Location, shop: Path, bare_databases: TestDatabases
) -> None:
    """Roles belong to the server: a copy of the database beside it goes on working."""
    with bare_databases.empty() as other:
        rows(other, "CREATE SCHEMA shop AUTHORIZATION meishi_purge_shop_owner")
        done = run("plugins", "purge", "shop", "--yes", "shop", "--json")
    assert done.code == 0
    assert json.loads(done.out)["purged"][0]["kept_roles"] == ALL_OF_SHOP[:2]
    assert left(bare, "shop") == ALL_OF_SHOP[:2]


@contextmanager
def waiting_at(location: Location, lock: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until it waits for a lock that somebody else holds to the end of the block."""
    with psycopg.connect(location.administrator_url()) as blocker:
        blocker.execute(lock)
        command = [sys.executable, "-m", "meishi", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while rows(location, WAITING) == [(0,)]:
                assert process.poll() is None, process.communicate()
                time.sleep(0.02)
            yield process
            process.kill()


@pytest.mark.parametrize(
    ("lock", "copies"),
    [
        ("INSERT INTO shop.item VALUES (gen_random_uuid(), 2)", 0),
        ("SELECT FROM meishi.plugin WHERE name = 'shop' FOR UPDATE", 1),
    ],
)
def test_a_purge_that_is_killed_has_done_nothing_and_the_next_one_all(
    run: Run, bare: Location, shop: Path, tmp_path: Path, lock: str, copies: int
) -> None:
    """Before the copy, and when all but the last row is gone already."""
    with waiting_at(bare, lock, "plugins", "purge", "shop", "--yes", "shop") as process:
        process.kill()
    assert len(list((tmp_path / "home").glob("purged/*.dump"))) == copies
    assert left(bare, "shop") == ALL_OF_SHOP
    assert rows(bare, "SELECT count(*) FROM meishi_events.subscription") == [(2,)]
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left(bare, "shop") == []


def test_an_administrator_who_is_no_superuser_can_purge(
    run: Run,
    bare: Location,
    packages: PluginPackages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who could install a plugin can purge it, row security or not."""
    database = make_url(bare.administrator_url()).database
    with psycopg.connect(bare.administrator_url(), autocommit=True) as connection:
        for statement in (
            "DROP ROLE IF EXISTS purging_administrator",
            "CREATE ROLE purging_administrator LOGIN CREATEROLE PASSWORD 'plain'",
            f"ALTER DATABASE {database} OWNER TO purging_administrator",
            "GRANT pg_read_all_settings TO purging_administrator",
        ):
            connection.execute(statement)
        for (role,) in connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname ~ '^meishi_purge_'"
        ).fetchall():
            connection.execute(f"GRANT {role} TO purging_administrator WITH ADMIN TRUE")
    plain = make_url(driver_url(bare.administrator_url())).set(
        username="purging_administrator", password="plain", drivername="postgresql"
    )
    monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", plain.render_as_string(hide_password=False))
    install(packages, run, tmp_path, "shop")
    rows(bare, "INSERT INTO shop.item VALUES (gen_random_uuid(), 1)")
    enable(tmp_path)
    done = run("plugins", "purge", "shop", "--yes", "shop", "--json")
    assert (done.code, done.err) == (0, "")
    (purged,) = json.loads(done.out)["purged"]
    assert purged["impact"]["tables"][1]["rows"] == 1
    assert left(bare, "shop") == []
