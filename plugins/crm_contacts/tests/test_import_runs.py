"""Runs of imports: chunk by chunk, interrupted, and beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from uuid_utils.compat import uuid7

from crm_contacts.contract import ImportFormat, ImportNotFound, Imports
from crm_contacts.service import ImportService
from crm_contacts.sources import CHUNK_ROWS
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import ContactsClient, EventLog, run_to_its_end, vcard

CARDS = 2 * CHUNK_ROWS + 300


def people(numbers: range) -> str:
    """Write cards of different people who have words in common."""
    return "".join(
        vcard(f"FN:Person {n}", f"EMAIL:p{n}@x.example", f"ORG:Firm {n % 50}") for n in numbers
    )


@contextmanager
def refusing(plugin_database: Location, address: str) -> Iterator[None]:
    """Let the database refuse an email address for the length of the block."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url, autocommit=True) as admin:
        admin.execute(
            "ALTER TABLE crm_contacts.email ADD CONSTRAINT refuse"
            f" CHECK (address <> '{address}')".encode()
        )
        try:
            yield
        finally:
            admin.execute("ALTER TABLE crm_contacts.email DROP CONSTRAINT refuse")


def events(plugin_database: Location, kind: str) -> list[dict[str, int]]:
    """Return what events of a type say, in the order of the log."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as admin:
        query = "SELECT data FROM meishi_events.event WHERE type = %s ORDER BY pos"
        return [row[0] for row in admin.execute(query, [kind])]


def import_service(clock: Callable[[], datetime], *, seconds: int) -> ImportService:
    """Return the service itself, which works in the unit of work of its caller."""
    settings = {"max_card_bytes": 4096, "import_step_seconds": seconds}
    return ImportService(
        PluginContext(
            plugin="crm_contacts",
            settings=settings,
            clock=clock,
            new_id=uuid7,
            public_url="https://meishi.example",
        )
    )


@pytest.mark.usefixtures("one_chunk_a_step")
def test_step_that_fails_loses_itself_alone(
    contacts: ContactsClient, plugin_database: Location
) -> None:
    """What came before it stays; the next run adds what is missing, nothing twice."""
    import_id = contacts.send(people(range(CARDS)))["id"]
    with refusing(plugin_database, f"p{CARDS - 1}@x.example"):
        operation = contacts.start(import_id)
        contacts.run_jobs(failures=True)
        failed = contacts.operation(operation["id"])
        assert failed["state"] == "failed"
        assert failed["error"]["type"] == "urn:meishi:problem:internal-error"
        found = contacts.get_import(import_id)
        assert found["progress"] == failed["progress"]["done"] / failed["progress"]["total"]
        assert (found["state"], found["counts"]["created"]) == ("running", 2 * CHUNK_ROWS)
        assert 0.5 < found["progress"] < 1
        assert contacts.page(total=True)["total"] == 2 * CHUNK_ROWS
        assert events(plugin_database, "import.completed.v1") == []
    done = contacts.run(import_id)
    assert (done["state"], done["counts"]["rows"]) == ("completed", CARDS)
    rows = list(contacts.rows(import_id))
    assert [row["index"] for row in rows] == list(range(CARDS))
    assert [row["line"] for row in rows] == [1 + 6 * n for n in range(CARDS)]
    assert [row["name"] for row in rows] == [f"Person {n}" for n in range(CARDS)]
    assert len({row["contact_id"] for row in rows}) == CARDS
    assert contacts.page(total=True)["total"] == CARDS
    assert len(events(plugin_database, "contact.created.v1")) == CARDS
    (completed,) = events(plugin_database, "import.completed.v1")
    assert completed == {
        "import_id": import_id,
        "created": CARDS,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
    }


def test_large_import_again_changes_nothing(contacts: ContactsClient, event_log: EventLog) -> None:
    """A second import of many cards writes no version, no time and no event of a contact."""
    book = people(range(CARDS))
    assert contacts.upload(book)["counts"]["created"] == CARDS
    before, log = contacts.all(), event_log.contact_events()
    assert contacts.upload(book)["counts"]["unchanged"] == CARDS
    assert contacts.all() == before
    assert event_log.contact_events() == log


def test_many_contacts_at_once_are_what_single_ones_are(
    contacts: ContactsClient, client_of_other: ContactsClient
) -> None:
    """Bulk writing, of new contacts and of changes, makes the same as one card at a time."""
    cards = [
        vcard(
            f"FN:Zoë {n}",
            f"N:{n};Zoë",
            f"EMAIL;TYPE=work;PREF=1:a{n}@x",
            "EMAIL:b\\\\@y",
            f"item1.TEL:+44 20 7946 0{n:03}",
            "item1.X-ABLabel:a\tb\\nc",
            "NOTE:back\\\\slash\\n\ttab \x01 “quoted”",
            'NICKNAME:a\\,b,{c},"d",NULL',
            f"URL:https://x.example/{n}",
            "ADR:;;Str. 1;Ort;;1;DE",
            "ORG:Å;Unit, 1",
            "X-ODD;P=q:1",
        )
        for n in range(60)
    ]
    more = [
        vcard(f"FN:Zoë {n}", f"N:{n};Zoë", f"UID:{n}", f"TITLE:t{n}", f"EMAIL:c{n}@z", "TEL:1")
        for n in range(60)
    ]
    linked = [f"{card[:-11]}UID:{n}\r\nEND:VCARD\r\n" for n, card in enumerate(cards)]
    for book in (linked, more):
        assert contacts.upload("".join(book))["counts"]["rejected"] == 0
        for start in range(0, 60, 20):
            client_of_other.upload("".join(book[start : start + 20]))
    ours, theirs = contacts.all(), client_of_other.all()
    own = {"id", "owner_id", "created_at", "updated_at"}
    assert [{k: v for k, v in item.items() if k not in own} for item in ours] == [
        {k: v for k, v in item.items() if k not in own} for item in theirs
    ]
    assert {item["version"] for item in ours} == {2}


@pytest.fixture
def client_of_other(
    app: Flask, contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> ContactsClient:
    """The contact service of another workspace."""
    return contacts.of(other_workspace, app.test_client())


def test_words_of_many_contacts_are_those_of_single_ones(
    contacts: ContactsClient, client_of_other: ContactsClient, plugin_database: Location
) -> None:
    """What search looks up is the same, whichever way contacts were written and changed."""
    for lines in ((), ("TITLE:Analyst",)):
        cards = [
            vcard(f"UID:{n}", f"FN:Person {n % 7}", f"EMAIL:{n}\\\\t\\\\n@x", *lines)
            for n in range(60)
        ]
        contacts.upload("".join(cards))
        for start in range(0, 60, 20):
            client_of_other.upload("".join(cards[start : start + 20]))
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as admin:
        found = admin.execute(
            "SELECT array_agg((uid, word, weight)::text ORDER BY uid, word)"
            " FROM crm_contacts.contact_word w JOIN crm_contacts.contact c"
            " ON (c.workspace_id, c.id) = (w.workspace_id, w.contact_id) GROUP BY c.workspace_id"
        ).fetchall()
    assert len(found) == 2
    assert found[0] == found[1]
    assert any("analyst" in entry for entry in found[0][0])


def test_two_runs_at_once_do_nothing_twice(
    workspace: WorkspaceUnderTest, contacts: ContactsClient, plugin_database: Location
) -> None:
    """Runs of one import share its chunks; each row is accounted for once."""
    import_id = contacts.send(people(range(CARDS)))["id"]
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(run_to_its_end, workspace, import_id) for _ in range(3)]
        done = [run.result() for run in runs]
    assert {found.counts.created for found in done} == {CARDS}
    assert [row["index"] for row in contacts.rows(import_id)] == list(range(CARDS))
    assert contacts.page(total=True)["total"] == CARDS
    assert len(events(plugin_database, "import.completed.v1")) == 1


def test_imports_and_creation_side_by_side_wait_for_nobody_in_a_circle(
    app: Flask, workspace: WorkspaceUnderTest, contacts: ContactsClient
) -> None:
    """Files with the same contacts and words in other orders come in beside each other."""
    numbers = range(400)
    books = [people(numbers), people(numbers[::-1])]
    imports = [contacts.send(book)["id"] for book in books]
    client = contacts.of(workspace, app.test_client())

    def create() -> None:
        for n in range(20):
            client.create({"name": {"full": f"Firm Person Example {n}"}})

    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(run_to_its_end, workspace, imports[n]) for n in range(2)]
        creation = pool.submit(create)
        done = [run.result() for run in runs]
        creation.result()
    assert sorted(found.counts.created for found in done) == [0, 400]
    assert contacts.page(total=True)["total"] == 420


@pytest.mark.usefixtures("one_chunk_a_step")
def test_run_ends_when_its_time_is_over_and_goes_on_where_it_was(
    workspace: WorkspaceUnderTest, contacts: ContactsClient
) -> None:
    """With no time to spend, each step works on one chunk."""
    import_id = contacts.send(people(range(CARDS)))["id"]
    done = []
    for _ in range(3):
        with workspace.acting_as("crm_contacts"):
            service(Imports).run(UUID(import_id))
        done.append(contacts.get_import(import_id))
    assert [found["state"] for found in done] == ["running", "running", "completed"]
    assert [found["counts"]["created"] for found in done] == [CHUNK_ROWS, 2 * CHUNK_ROWS, CARDS]
    assert 0 < done[0]["progress"] < done[1]["progress"] < done[2]["progress"] == 1


@pytest.mark.inside
@pytest.mark.parametrize(
    ("times", "chunks"), [((0, 1, 2), 1), ((0, 0, 1), 2), ((0, 0, 9), 2), ((0, 0, 0, 1), 3)]
)
def test_time_of_a_run_is_that_of_the_clock(
    workspace: WorkspaceUnderTest, times: tuple[int, ...], chunks: int
) -> None:
    """A run that has a second stores what it began to read in that time, and nothing else."""
    clock = iter(times)
    imports = import_service(
        lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(clock, 9)), seconds=1
    )
    with workspace.acting_as("crm_contacts"):
        import_id = service(Imports).begin("book.vcf")
        service(Imports).add_piece(import_id, 0, people(range(CARDS)).encode())
        service(Imports).finish(import_id, ImportFormat.VCARD)
    with workspace.acting_as("crm_contacts"):
        created = imports.run(import_id).counts.created
    assert created == min(chunks * CHUNK_ROWS, CARDS)


@pytest.mark.inside
@pytest.mark.parametrize(("seconds", "reads_ahead"), [(0, False), (60, True)])
def test_only_a_run_with_time_left_reads_ahead(
    workspace: WorkspaceUnderTest, seconds: int, reads_ahead: bool
) -> None:
    """No other thread reads what the run has no time to store."""
    threads: set[str] = set()

    def clock() -> datetime:
        threads.update(thread.name for thread in threading.enumerate())
        return datetime(2026, 1, 1, tzinfo=UTC)

    imports = import_service(clock, seconds=seconds)
    with workspace.acting_as("crm_contacts"):
        import_id = imports.begin("book.vcf")
        imports.add_piece(import_id, 0, people(range(CARDS)).encode())
        imports.finish(import_id, ImportFormat.VCARD)
    with workspace.acting_as("crm_contacts"):
        imports.run(import_id)
    assert any(name.startswith("import_") for name in threads) == reads_ahead


@pytest.mark.inside
def test_file_that_never_came_to_its_end_is_forgotten(workspace: WorkspaceUnderTest) -> None:
    """A day later the next upload takes away what somebody left; nobody was told of it."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    imports = import_service(lambda: now[0], seconds=0)
    with workspace.acting_as("crm_contacts"):
        left = imports.begin()
        imports.add_piece(left, 0, b"BEGIN")
        with pytest.raises(ImportNotFound):
            imports.get(left)
        assert imports.list().items == ()
        now[0] += timedelta(days=1, seconds=1)
        imports.begin()
        with pytest.raises(ImportNotFound):
            imports.add_piece(left, 1, b":VCARD")


def test_pieces_come_in_once_and_only_before_the_end(workspace: WorkspaceUnderTest) -> None:
    """A piece that is sent again changes nothing; a file that is complete takes no more."""
    with workspace.acting_as("crm_contacts"):
        import_id = service(Imports).begin()
        for _ in range(2):
            service(Imports).add_piece(import_id, 0, vcard("FN:Ada").encode())
        found = service(Imports).finish(import_id)
        assert (found.format, found.size) == (ImportFormat.VCARD, len(vcard("FN:Ada")))
        for call in (
            lambda: service(Imports).add_piece(import_id, 1, b"x"),
            lambda: service(Imports).finish(import_id),
        ):
            with pytest.raises(ImportNotFound):
                call()
