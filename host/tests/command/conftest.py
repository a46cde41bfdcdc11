"""Running `meishi` in this process, on databases of the run's own server."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from meishi.cli import main
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages, plugin_packages


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder; a traceback fails the test by itself."""
    monkeypatch.chdir(tmp_path)
    for variable in os.environ:
        if variable.startswith("MEISHI_") and variable != "MEISHI_CALLS":
            monkeypatch.delenv(variable)
    monkeypatch.setenv("MEISHI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def run_command(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        assert isinstance(end.value.code, int)
        printed = capsys.readouterr()
        return Result(end.value.code, printed.out, printed.err)

    return run_command


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path / "packages") as found:
        yield found


def use(location: Location, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the environment at a database that an operator looks after."""
    monkeypatch.setenv("MEISHI_DATABASE_URL", location.runtime_url)
    monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", location.administrator_url())
    monkeypatch.setenv("MEISHI_DEPLOYMENT", settings.deployment)


@pytest.fixture
def migrated(
    run: Run, database: Location, meishi_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Location:
    """Commands work on a database in which all revisions are applied."""
    use(database, meishi_settings, monkeypatch)
    return database


@pytest.fixture
def empty(
    run: Run,
    database: Location,
    meishi_databases: TestDatabases,
    meishi_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Location]:
    """Commands work on a database in which nothing was ever installed.

    Beside it stands one that has all: the server knows the roles, whatever ran before.
    """
    with meishi_databases.empty() as location:
        use(location, meishi_settings, monkeypatch)
        yield location


@pytest.fixture(scope="session")
def bare_databases(meishi_server: EmbeddedPostgres, meishi_settings: Settings) -> TestDatabases:
    """Databases of a deployment that has nothing but the host itself."""
    return TestDatabases(meishi_server, replace(meishi_settings, deployment="purge", plugins=()))


@pytest.fixture
def bare(
    run: Run,
    meishi_server: EmbeddedPostgres,
    bare_databases: TestDatabases,
    meishi_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Location]:
    """Commands work on such a database; whatever roles a test leaves go with it."""
    with bare_databases.clone() as found:
        use(found, replace(meishi_settings, deployment="purge"), monkeypatch)
        yield found
    with psycopg.connect(meishi_server.admin_url, autocommit=True) as connection:
        for name in ("shop", "store"):
            for right in ("owner", "run"):
                connection.execute(f"DROP ROLE IF EXISTS meishi_purge_{name}_{right}")
