"""`meishi doctor`: each fault is made for real, found, and mended by the command that is told."""

import json
import shlex
import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest

from meishi.database.location import Location
from meishi.database.shape_lock import SHAPE_LOCK
from meishi.testing.packages import PluginPackages

from .conftest import Run
from .shops import LIFECYCLE, enable, install, remove, rows

pytestmark = pytest.mark.once

Finding = dict[str, Any]


def findings(run: Run, *options: str) -> dict[str, Finding]:
    """Return what the doctor finds, by its code; the exit code tells whether there is anything."""
    result = run("doctor", "--json", *options)
    assert result.err == ""
    found = json.loads(result.out)["findings"]
    assert result.code == (1 if found else 0)
    codes = [finding["code"] for finding in found]
    assert len(codes) == len(set(codes)), found
    return {finding["code"]: finding for finding in found}


def mended(run: Run, finding: Finding) -> None:
    """Do what a finding says, and find nothing any more."""
    program, *arguments = shlex.split(finding["command"])
    assert program == "meishi"
    done = run(*arguments)
    assert (done.code, done.err) == (0, "")
    assert findings(run) == {}


@pytest.fixture
def shop(packages: PluginPackages, run: Run, bare: Location, tmp_path: Path) -> Path:
    """A shop that runs, in a deployment that is in order."""
    return install(packages, run, tmp_path, "shop")


def test_a_deployment_in_order_has_no_findings(run: Run, shop: Path) -> None:
    """People read one line, and scripts the exit code."""
    healthy = run("doctor")
    assert (healthy.code, healthy.out) == (0, "Nothing is out of order.\n")


def test_each_finding_is_a_sentence_and_a_command(run: Run, shop: Path, tmp_path: Path) -> None:
    """What is printed can be copied to the prompt."""
    remove(shop)
    enable(tmp_path)
    told = run("doctor")
    assert told.code == 1
    assert told.out == (
        "warning: shop: The package of shop is not installed; "
        "its tables are at revision shop_0001.\n"
        "  meishi plugins purge shop\n"
    )


def test_an_orphan_is_found_until_it_is_purged(run: Run, shop: Path, tmp_path: Path) -> None:
    """Tables whose package has gone are nobody's any more."""
    remove(shop)
    enable(tmp_path)
    found = findings(run)["orphaned"]
    assert (found["plugin"], found["severity"]) == ("shop", "warning")
    mended(run, found | {"command": f"{found['command']} --yes shop"})


def test_tables_that_nothing_knows_are_found(
    run: Run, bare: Location, shop: Path, tmp_path: Path
) -> None:
    """A version table is enough to be found, without package and without a line in the list."""
    remove(shop)
    enable(tmp_path)
    rows(bare, "DELETE FROM meishi.plugin WHERE name = 'shop'")
    found = findings(run)["unknown-tables"]
    assert "shop_0001" in found["message"]
    mended(run, found | {"command": f"{found['command']} --yes shop"})


def test_an_installation_that_was_interrupted_is_found(
    run: Run, bare: Location, shop: Path
) -> None:
    """An upgrade that is killed between the tables and the list is done again."""
    rows(bare, "DELETE FROM meishi.plugin WHERE name = 'shop'")
    mended(run, findings(run)["interrupted-upgrade"])


def test_a_pending_upgrade_is_found(run: Run, shop: Path) -> None:
    """A package that is newer than the database does not run."""
    revision = 'revision = "shop_0002"\ndown_revision = "shop_0001"\ndef upgrade(): ...\n'
    (shop / "versions" / "0002.py").write_text(revision)
    found = findings(run)["pending-upgrade"]
    assert (found["severity"], found["plugin"]) == ("error", "shop")
    assert "shop_0002" in found["message"]
    mended(run, found)


def test_a_pending_step_is_told_apart_from_a_pending_revision(
    run: Run, bare: Location, shop: Path, packages: PluginPackages
) -> None:
    """Nobody is sent to look for revisions where all of them are applied."""
    with (shop / "plugin.py").open("a") as file:
        file.write(LIFECYCLE.format(turn="installed", does="None"))
    packages.forget()
    rows(bare, "DELETE FROM meishi.plugin WHERE name = 'shop'")
    found = findings(run)["pending-upgrade"]
    assert "its step `installed` is pending" in found["message"]
    assert "evision" not in found["message"]
    mended(run, found)


def test_a_revision_that_the_package_does_not_have_is_found(
    run: Run, bare: Location, shop: Path
) -> None:
    """A package that is older than the database is told apart from other faults."""
    rows(bare, "UPDATE shop.alembic_version SET version_num = 'shop_0009', runs_on = '{}'")
    found = findings(run)["unknown-revision"]
    assert "at revision shop_0009" in found["message"]
    assert found["command"] == "pip install --upgrade shop"


def test_another_fault_of_a_plugin_is_told_with_its_reason(
    run: Run, shop: Path, packages: PluginPackages
) -> None:
    """What loading finds, the doctor finds."""
    (shop / "plugin.py").write_text("raise RuntimeError('no licence')")
    packages.forget()
    assert "no licence" in findings(run)["plugin-fault"]["message"]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("REVOKE meishi_purge_shop_run FROM meishi_purge_app", "missing-role"),
        ("REVOKE INSERT ON shop.item FROM meishi_purge_shop_run", "missing-grant"),
        ("GRANT TRUNCATE ON shop.item TO meishi_purge_shop_run", "excess-grant"),
        ("GRANT SELECT ON shop.item TO PUBLIC", "excess-grant"),
        ("GRANT SELECT ON shop.item TO meishi_purge_qr", "excess-grant"),
        ("ALTER TABLE shop.item DISABLE ROW LEVEL SECURITY", "missing-policy"),
        ("DROP POLICY workspace ON shop.item", "missing-policy"),
        ("CREATE POLICY open ON shop.item USING (true)", "missing-policy"),
        (
            "DROP POLICY workspace ON shop.item; CREATE POLICY workspace ON shop.item USING (true)",
            "missing-policy",
        ),
        ("ALTER TABLE shop.item ADD readers uuid[], ADD writers uuid[]", "missing-policy"),
    ],
)
def test_rights_and_policies_that_are_not_what_they_must_be_are_found(
    run: Run, bare: Location, shop: Path, damage: str, code: str
) -> None:
    """Whatever somebody changed past the host, an upgrade sets right."""
    if "meishi_purge_qr" in damage:
        rows(bare, "CREATE ROLE meishi_purge_qr")
    rows(bare, damage)
    found = findings(run)
    assert found[code]["plugin"] == "shop"
    mended(run, found[code])
    rows(bare, "DROP ROLE IF EXISTS meishi_purge_qr")


def test_a_role_that_is_gone_is_found(run: Run, bare: Location, shop: Path) -> None:
    """Roles belong to the server, where others may clear them away."""
    rows(bare, "DROP OWNED BY meishi_purge_shop_run; DROP ROLE meishi_purge_shop_run")
    found = findings(run)
    assert "meishi_purge_shop_run is missing" in found["missing-role"]["message"]
    mended(run, found["missing-role"])


@pytest.mark.parametrize("going_on", [True, False])
def test_a_purge_that_was_killed_is_found(
    run: Run, bare: Location, shop: Path, tmp_path: Path, going_on: bool
) -> None:
    """A copy that is being made is none of that kind."""
    part = tmp_path / "home" / "purged" / "shop-20261128T120000Z.dump-x7.part"
    part.parent.mkdir(parents=True)
    part.touch()
    if going_on:
        with psycopg.connect(bare.administrator_url()) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [SHAPE_LOCK])
            assert findings(run) == {}
        return
    found = findings(run)["interrupted-purge"]
    assert found["plugin"] == "shop"
    assert found["command"] == f"meishi plugins purge shop; rm {part}"
    part.unlink()
    assert findings(run) == {}


STRANDED = """
    WITH worker AS (
        INSERT INTO meishi_jobs.procrastinate_workers (last_heartbeat)
        VALUES (now() - interval '1 hour') RETURNING id),
    job AS (
        INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name, status, worker_id)
        SELECT 'shop.default', 'shop.digest', 'doing', id FROM worker RETURNING id)
    INSERT INTO meishi_jobs.run (job_id) SELECT id FROM job
"""


def test_a_job_whose_worker_is_long_gone_is_found(run: Run, bare: Location, shop: Path) -> None:
    """Where a worker ran, it would have taken over: so none does."""
    rows(bare, STRANDED)
    found = findings(run)["stranded-job"]
    assert (found["plugin"], found["command"]) == ("shop", "meishi worker")
    assert "shop.digest" in found["message"]
    rows(bare, "UPDATE meishi_jobs.procrastinate_workers SET last_heartbeat = now()")
    assert findings(run) == {}


OPERATION = """
    INSERT INTO meishi_operations.operation (workspace_id, id, kind, state, done,
        cancel_requested, attempts, created_at, version)
    SELECT id, gen_random_uuid(), 'shop.digest', 'running', 0, false, 1, now(), 1
    FROM identity.workspace
"""
ITS_JOB = """
    WITH job AS (
        INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name)
        VALUES ('shop.default', 'shop.digest') RETURNING id)
    INSERT INTO meishi_jobs.run (job_id, operation)
    SELECT job.id, operation.id FROM job, meishi_operations.operation
"""


@pytest.fixture
def founded(run: Run, shop: Path) -> None:
    """There is a workspace."""
    assert run("init").code == 0


@pytest.mark.usefixtures("founded")
def test_an_operation_without_a_job_is_found(run: Run, bare: Location) -> None:
    """Nobody would ever end it; one whose job waits is in order."""
    rows(bare, OPERATION)
    found = findings(run)["stranded-operation"]
    assert found["plugin"] == "shop"
    rows(bare, ITS_JOB)
    assert findings(run) == {}
    refused = run(*shlex.split(found["command"])[1:])
    assert refused.code == 1
    assert "has a job" in refused.err
    rows(bare, "DELETE FROM meishi_jobs.procrastinate_jobs WHERE task_name = 'shop.digest'")
    mended(run, found)


SETTINGS = """
from marshmallow import Schema, fields
from meishi.sdk.plugin import *
class ShopSettings(Schema):
    currency = fields.String()
@hookimpl
def migrations():
    return Migrations("shop.versions")
@hookimpl
def settings():
    return PluginSettings(schema=ShopSettings, levels={"currency": SettingsLevel.WORKSPACE})
"""


@pytest.mark.usefixtures("founded")
def test_a_setting_of_a_workspace_that_no_schema_has_any_more_is_found(
    run: Run, bare: Location, shop: Path, packages: PluginPackages
) -> None:
    """What an older version of the plugin let people set is taken back by name."""
    (shop / "plugin.py").write_text(SETTINGS)
    packages.forget()
    rows(
        bare,
        "INSERT INTO meishi_settings.workspace_settings "
        """SELECT id, 'shop', '{"currency": "SEK", "colour": "red"}', 1, now() """
        "FROM identity.workspace",
    )
    found = findings(run)["unknown-setting"]
    assert "'colour' of shop" in found["message"]
    mended(run, found)


@pytest.mark.usefixtures("founded")
def test_a_setting_of_a_user_that_no_schema_has_any_more_is_found(
    run: Run, bare: Location, shop: Path
) -> None:
    """Of a plugin that has no settings at all, nothing can be set."""
    rows(
        bare,
        "INSERT INTO meishi_settings.user_settings "
        """SELECT id, gen_random_uuid(), 'shop', '{"colour": "red"}', 1, now() """
        "FROM identity.workspace",
    )
    assert "'colour' of shop" in findings(run)["unknown-setting"]["message"]


def test_settings_of_a_plugin_that_does_not_run_are_found(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    """They may be what somebody wonders about."""
    (tmp_path / "meishi.toml").write_text('plugins = []\n[plugin.shop]\ncurrency = "SEK"\n')
    assert "[plugin.shop] is set" in findings(run)["unused-settings"]["message"]


@pytest.mark.parametrize(
    ("state", "severity", "command"),
    [
        ("dead", "error", "meishi events retry --dead --subscription shop.stock"),
        ("retry", "warning", "meishi events parked --subscription shop.stock"),
    ],
)
def test_parked_events_are_found(
    run: Run, bare: Location, shop: Path, state: str, severity: str, command: str
) -> None:
    """Those that nobody tries again hold others back for ever."""
    rows(
        bare,
        "INSERT INTO meishi_events.subscription (name, plugin, types, slots, state) "
        "VALUES ('shop.stock', 'shop', '{}', 1, 'live'); "
        "INSERT INTO meishi_events.cursor (subscription, slot) VALUES ('shop.stock', 0); "
        "INSERT INTO meishi_events.parked (subscription, pos, slot, event_id, type, key, event, "
        "state, next_at) VALUES ('shop.stock', 7, 0, gen_random_uuid(), 'contact.created.v1', "
        f"'k', '{{}}', '{state}', now() + interval '1 hour')",
    )
    found = findings(run)["parked-events"]
    assert (found["severity"], found["command"]) == (severity, command)
    assert run(*command.split()[1:]).code == 0


def test_a_deployment_for_others_without_a_mail_server_is_found(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one's own machine, mails may become files."""
    monkeypatch.setenv("MEISHI_PUBLIC_URL", "https://cards.example.com")
    assert findings(run)["no-mail-server"]["severity"] == "warning"


def test_a_mail_server_that_is_away_is_found_if_the_network_may_be_used(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without leave nobody is called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("MEISHI_MAIL_URL", f"smtp+plain://127.0.0.1:{port}")
        monkeypatch.setenv("MEISHI_MAIL_FROM", "cards@example.com")
        assert findings(run, "--network") == {}
    assert findings(run) == {}
    found = findings(run, "--network")["mail-server-away"]
    assert f"127.0.0.1:{port}" in found["message"]


def test_a_database_that_nothing_was_installed_in_is_told_what_to_do(
    run: Run, empty: Location
) -> None:
    """The first thing that is missing is the host itself."""
    found = findings(run)["pending-upgrade"]
    assert (found["plugin"], found["command"]) == ("meishi", "meishi db upgrade --plugin meishi")


def test_a_home_without_any_database_yet_is_told_what_to_do(run: Run) -> None:
    """The doctor changes nothing, not even in an embedded database that it starts."""
    found = findings(run)["pending-upgrade"]
    assert found["plugin"] == "meishi"
    assert findings(run) == {"pending-upgrade": found}
