import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases

from .conftest import Result, Run

pytestmark = pytest.mark.once


def is_told(result: Result, code: int, *words: str, hint: bool = True) -> bool:
    """Whether a command ended with one line, a hint and the exit code of its kind."""
    lines = result.err.splitlines()
    assert result.code == code, result
    assert lines[0].startswith("Error: "), result
    assert len(lines) <= 2, result
    assert lines[-1].startswith("Hint: ") == hint, result
    for word in words:
        assert word in lines[0], result
    return True


def changed(url: str, **parts: object) -> str:
    """Return a libpq URL with other parts."""
    return make_url(url).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://me@host/db", "postgresql://host/db", "postgresql://me@host:x/db"]
)
def test_a_url_that_names_no_database_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The setting is named and the hint shows the form."""
    monkeypatch.setenv("MEISHI_DATABASE_URL", url)
    assert is_told(run("init"), 2, "`database_url`")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql+asyncpg://me@host/db", "names a driver"),
        ("postgresql+nonsense://me@host/db", "database_url"),
        ("postgresql://me@host/db?foo=bar", "unknown option `foo`"),
    ],
)
def test_a_url_that_the_driver_cannot_use_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, word: str
) -> None:
    """Another driver or an option that libpq does not know is a wrong setting."""
    monkeypatch.setenv("MEISHI_DATABASE_URL", url)
    assert is_told(run("init"), 2, word)


def test_an_interrupted_first_start_is_made_good(run: Run, tmp_path: Path) -> None:
    """An empty password file, left by a kill or a full disk, counts as missing."""
    home = tmp_path / "home"
    with EmbeddedPostgres(home, durable=False):
        (home / "database-password").touch()
        assert run("init").code == 0
        assert (home / "database-password").stat().st_mode & 0o777 == 0o600
        assert len((home / "database-password").read_text()) > 30
        assert list(home.glob(".database-password*")) == []
        (home / "database-password").unlink()
        (home / "database-password").mkdir()
        assert is_told(run("plugins"), 1, "database-password", "Is a directory")


@pytest.mark.parametrize(
    ("settings", "arguments", "code", "word"),
    [
        ({"MEISHI_HOME": "/dev/null/x"}, (), 3, "/dev/null/x"),
        ({"MEISHI_HOST": "host.invalid"}, ("--once",), 1, "Cannot listen on host.invalid"),
        ({}, ("--once", "--file", "/dev/zero"), 1, "no regular file"),
        ({}, ("--once", "--file", "pipe"), 1, "no regular file"),
    ],
)
def test_a_demo_that_cannot_begin_is_told(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    arguments: tuple[str, ...],
    code: int,
    word: str,
) -> None:
    """Folder, address and file are looked at before anything starts."""
    os.mkfifo("pipe")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert is_told(run("demo", *arguments), code, word)


def test_a_database_that_is_down_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that needs the database ends alike."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://me:secret@127.0.0.1:{closed.getsockname()[1]}/meishi"
        monkeypatch.setenv("MEISHI_DATABASE_URL", url)
        monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", url)
        for command in (["init"], ["plugins"], ["db", "pending"], ["db", "upgrade"]):
            result = run(*command)
            assert is_told(result, 3, "cannot be reached")
            assert "secret" not in result.err


@pytest.mark.parametrize("command", [("init",), ("plugins",), ("db", "pending")])
def test_a_wrong_password_is_told(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """The reason is PostgreSQL's own."""
    wrong = changed(migrated.runtime_url, password="wrong")
    monkeypatch.setenv("MEISHI_DATABASE_URL", wrong)
    assert is_told(run(*command), 3, "password authentication failed")


def test_a_wrong_administrators_password_is_told(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hint names the administrator's setting."""
    wrong = changed(migrated.administrator_url(), password="wrong")
    monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", wrong)
    result = run("db", "upgrade")
    assert is_told(result, 3, "password authentication failed")
    assert "MEISHI_DATABASE_ADMIN_URL" in result.err


def test_an_upgrade_without_administrator_is_told(
    run: Run, empty: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting that is missing is named."""
    monkeypatch.delenv("MEISHI_DATABASE_ADMIN_URL")
    result = run("db", "upgrade")
    assert is_told(result, 2, "needs an administrator's connection")
    assert "MEISHI_DATABASE_ADMIN_URL" in result.err


def test_a_superuser_is_refused_as_runtime_login(
    run: Run, empty: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set up for a login that row security does not bind."""
    monkeypatch.setenv("MEISHI_DATABASE_URL", empty.administrator_url())
    assert is_told(run("db", "upgrade"), 3, "is a superuser or bypasses row security")


def test_a_database_that_is_not_set_up_is_told(run: Run, empty: Location) -> None:
    """An operator's database is not changed in passing; the message says what to do."""
    assert is_told(run("init"), 4, "run `meishi db upgrade`", hint=False)


def test_wrong_settings_are_told(run: Run, tmp_path: Path) -> None:
    """A wrong file, a wrong key and a file that is not there end alike."""
    assert is_told(run("--settings", "nowhere.toml", "init"), 2, "does not exist", hint=False)
    Path("meishi.toml").write_text("prot = 1\n")
    assert is_told(run("init"), 2, "unknown setting `prot`")
    Path("meishi.toml").write_text("port = \n")
    assert is_told(run("init"), 2, "meishi.toml cannot be read", hint=False)


def test_a_plugin_that_nobody_installed_is_told(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the strict policy a slip of the pen in the settings refuses the boot."""
    monkeypatch.setenv("MEISHI_PLUGINS", "crm_contact")
    monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
    assert is_told(run("init"), 4, "crm_contact", "did you mean 'crm_contacts'?")


def test_a_wrong_plugin_setting_is_told(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plugin and key are named."""
    monkeypatch.setenv("MEISHI_PLUGIN__CRM_CONTACTS__DEFAULT_REGION", "Japan")
    monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
    assert is_told(run("init"), 4, "[plugin.crm_contacts]", "default_region")


def test_a_data_folder_that_is_a_file_is_told(run: Run, tmp_path: Path) -> None:
    """Where nothing can be stored, the folder is named."""
    (tmp_path / "home").write_text("")
    assert is_told(run("init"), 3, str(tmp_path / "home"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_data_folder_of_somebody_else_is_told(run: Run, tmp_path: Path) -> None:
    """Another account's folder is not touched; both accounts are named."""
    root = tmp_path / "home" / "postgres"
    root.mkdir(parents=True)
    os.chown(root, 65534, 65534)
    assert is_told(run("init"), 3, "belongs to user id 65534", "runs as 0")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_somebody_else_is_told(run: Run, tmp_path: Path) -> None:
    """Not only the server's own folder counts, but also the one around it."""
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    assert is_told(run("init"), 3, f"{home} belongs to user id 65534", "runs as 0")
    assert list(home.iterdir()) == []


@pytest.fixture
def plain_administrator(
    empty: Location, meishi_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An administrator who owns the database and may create roles, but is no superuser."""
    name = sql.Identifier("plain_administrator")
    database = make_url(empty.administrator_url()).database
    assert database is not None
    with psycopg.connect(empty.administrator_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD 'plain'").format(name))
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), name)
        )
    monkeypatch.setenv("MEISHI_DEPLOYMENT", "plain")
    runtime = changed(empty.runtime_url, username="meishi_plain_app")
    monkeypatch.setenv("MEISHI_DATABASE_URL", runtime)
    url = changed(empty.administrator_url(), username="plain_administrator", password="plain")
    monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", url)
    yield url
    with psycopg.connect(empty.administrator_url(), autocommit=True) as connection:
        query = "SELECT rolname FROM pg_roles WHERE rolname ~ '^(meishi_plain_|plain_adm)'"
        roles = [role for (role,) in connection.execute(query)]
        names = sql.SQL(", ").join(sql.Identifier(role) for role in roles)
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO postgres").format(sql.Identifier(database))
        )
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(names))
        connection.execute(sql.SQL("DROP ROLE {}").format(names))


def test_an_administrator_who_is_no_superuser_suffices(run: Run, plain_administrator: str) -> None:
    """Owning the database and CREATEROLE are all that setting up and upgrading need."""
    first = run("db", "upgrade")
    assert (first.code, first.err) == (0, "")
    again = run("db", "upgrade")
    assert (again.code, again.err) == (0, "")
    assert run("init").code == 0


def test_an_administrator_without_rights_is_told(
    run: Run, plain_administrator: str, empty: Location
) -> None:
    """Which right is missing is said in one line."""
    with psycopg.connect(empty.administrator_url(), autocommit=True) as connection:
        connection.execute("ALTER ROLE plain_administrator NOCREATEROLE")
    assert is_told(run("db", "upgrade"), 3, "permission denied to create role")


def test_the_installed_command_ends_like_the_function(
    tmp_path: Path, meishi_databases: TestDatabases
) -> None:
    """In a process of its own a fault is two lines on stderr and the exit code."""
    environment = {key: value for key, value in os.environ.items() if "MEISHI_" not in key}
    result = subprocess.run(
        [Path(sys.executable).with_name("meishi"), "init"],
        env=environment | {"MEISHI_HOME": str(tmp_path), "MEISHI_DATABASE_URL": "nonsense"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: `database_url` is not a database URL.\nHint: ")


def test_the_embedded_database_needs_no_preparation(run: Run, tmp_path: Path) -> None:
    """On a fresh machine the first command sets everything up, and the second finds it."""
    with EmbeddedPostgres(tmp_path / "home", durable=False):
        assert "needs_migration" not in run("plugins").out
        assert run("init").code == 0
        assert is_told(run("init"), 1, "main")
        assert run("db", "pending").code == 0
