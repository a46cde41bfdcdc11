from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg
import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import ContactCreated
from meishi.app import create_app
from meishi.database.location import Location
from meishi.host import Host
from meishi.sdk.contract import DomainError, Event
from meishi.sdk.plugin import DeliveryMode, on
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

CONTACTS = "/api/v1/contacts"
ADA = {"name": {"full": "Ada"}, "emails": [{"address": "ada@lovelace.example"}]}

REFUSAL = """
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$;
"""
#: Where a request can fail after its first write: at a later write, at the log, at the commit.
FAULTS = {
    "later write": "CREATE TRIGGER refuse BEFORE INSERT ON crm_contacts.fingerprint",
    "event log": "CREATE TRIGGER refuse BEFORE INSERT ON meishi_events.event",
    "commit": "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON crm_contacts.email"
    " DEFERRABLE INITIALLY DEFERRED",
}


@pytest.fixture
def as_admin(database: Location) -> Callable[..., None]:
    """Run statements as the superuser, in this test's database or in another one."""

    def run(*statements: str, dbname: str | None = None) -> None:
        url = database.admin_url
        assert url is not None
        place = psycopg.conninfo.make_conninfo(url, dbname=dbname)
        with psycopg.connect(place, autocommit=True) as own:
            for statement in statements:
                own.execute(statement.encode())

    return run


@pytest.fixture
def database_name(database: Location) -> str:
    """The name of this test's database."""
    return str(psycopg.conninfo.conninfo_to_dict(database.runtime_url)["dbname"])


def stored(client: FlaskClient, workspace: WorkspaceUnderTest, database: Location) -> list[int]:
    """Count what a request may have left behind: contacts, emails, events."""
    answer = client.get(f"{CONTACTS}?total=true", headers=workspace.headers)
    assert answer.json is not None
    assert database.admin_url is not None
    tables = ("crm_contacts.email", "meishi_events.event")
    with psycopg.connect(database.admin_url) as own:
        counts = [own.execute(f"SELECT count(*) FROM {name}".encode()) for name in tables]
        return [answer.json["total"], *(int(row[0]) for count in counts for row in count)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_request_that_fails_after_a_write_leaves_nothing(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    database: Location,
    as_admin: Callable[..., None],
    fault: str,
) -> None:
    """Whatever fails, and be it the commit, the answer is an error and nothing is stored."""
    as_admin(
        REFUSAL.format(sqlstate="P0001"), f"{fault} FOR EACH ROW EXECUTE FUNCTION public.refuse()"
    )
    answer = client.post(CONTACTS, json=ADA, headers=workspace.headers)
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "refused" not in answer.text
    assert stored(client, workspace, database) == [0, 0, 0]
    as_admin("DROP FUNCTION public.refuse CASCADE")
    assert client.post(CONTACTS, json=ADA, headers=workspace.headers).status_code == 201
    assert stored(client, workspace, database) == [1, 1, 1]


class Vetoed(DomainError):
    """A listener's objection."""

    code = "vetoed"
    title = "Vetoed"


@pytest.mark.parametrize(("error", "status"), [(Vetoed("no"), 409), (ValueError("inside"), 500)])
def test_listener_that_refuses_or_fails_undoes_the_request(
    database: Location, meishi_settings: Settings, error: Exception, status: int
) -> None:
    """The connection is well and the contact written; a listener's error takes all of it back."""

    def listen(_: Sequence[Event]) -> None:
        raise error

    app = create_app(meishi_settings, location=database)
    host: Host = app.extensions["meishi"]
    workspace = found_workspace(host, "one")
    host.signals.connect("qr", on(ContactCreated, listen, mode=DeliveryMode.IN_TRANSACTION))
    client = app.test_client()
    answer = client.post(CONTACTS, json=ADA, headers=workspace.headers)
    assert answer.status_code == status
    assert "inside" not in answer.text
    assert stored(client, workspace, database) == [0, 0, 0]
    host.close()


@pytest.mark.parametrize("sqlstate", ["55P03", "40P01", "40001"])
def test_lock_that_is_not_had_in_time_asks_to_try_again(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    as_admin: Callable[..., None],
    sqlstate: str,
) -> None:
    """A lock time-out, a deadlock or a conflict is no fault of the caller's and passes."""
    trigger = "CREATE TRIGGER refuse BEFORE INSERT ON crm_contacts.contact"
    as_admin(REFUSAL.format(sqlstate=sqlstate), f"{trigger} EXECUTE FUNCTION public.refuse()")
    answer = client.post(CONTACTS, json=ADA, headers=workspace.headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:busy"


def test_database_that_goes_away_is_a_problem_and_its_return_is_noticed(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    as_admin: Callable[..., None],
    database_name: str,
) -> None:
    """While it is away every request is 503; when it is back they work without a restart."""
    terminate = (
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database_name}'"
    )
    as_admin(
        f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS false", terminate, dbname="postgres"
    )
    for path in (CONTACTS, "/health"):
        answer = client.get(path, headers=workspace.headers)
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    as_admin(f"ALTER DATABASE {database_name} ALLOW_CONNECTIONS true", dbname="postgres")
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    assert client.get("/health").status_code == 200


def test_pool_of_dead_connections_costs_no_request(
    client: FlaskClient,
    host: Host,
    workspace: WorkspaceUnderTest,
    as_admin: Callable[..., None],
) -> None:
    """After a restart of the database every pooled connection is dead, and none is noticed."""
    pooled = [host.engine.connect() for _ in range(host.settings.database_pool)]
    for connection in pooled:
        connection.close()
    as_admin(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    statuses = [client.get(CONTACTS, headers=workspace.headers).status_code for _ in range(4)]
    assert statuses == [200] * 4
