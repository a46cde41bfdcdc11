"""A large import as an operation, in real processes: killed, resumed, watched and cancelled."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.benchmarks._address_books import address_book
from tests.flows.deliveries.systems import Process, System, end, ending
from tests.processes import is_healthy, wait_until

from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

CARDS, FEWER, FACES = 20_000, 6_000, 400
IMPORTS = "/api/v1/contacts/imports"
FINAL = {"succeeded", "failed", "cancelled"}

#: What is there of an import, all of it at one moment.
_TRUTH = """
    SELECT CASE i.state WHEN 'completed' THEN i.size ELSE i.next_offset END, o.done,
        (SELECT count(*) FROM crm_contacts.import_row),
        (SELECT count(*) FROM crm_contacts.contact),
        (SELECT count(*) FROM meishi_events.event WHERE type = 'contact.created.v1')
    FROM crm_contacts.contact_import AS i JOIN meishi_operations.operation AS o
    ON o.id = i.operation_id
"""
_DIFFERENT = """
    SELECT (SELECT count(DISTINCT contact_id) FROM crm_contacts.import_row),
        (SELECT count(DISTINCT subject) FROM meishi_events.event
         WHERE type = 'contact.created.v1')
"""
#: Contacts that are left, and events of deleted ones.
_UNDONE = """
    SELECT (SELECT count(*) FROM crm_contacts.contact WHERE deleted_at IS NULL),
        (SELECT count(*) FROM meishi_events.event WHERE type = 'contact.deleted.v1')
"""
#: Photos of contacts, those that imports remember, and events of them.
_PHOTOS = """
    SELECT (SELECT count(*) FROM crm_contacts.contact_photo),
        (SELECT count(*) FROM crm_contacts.import_photo WHERE taken),
        (SELECT count(*) FROM meishi_events.event WHERE type = 'photo.changed.v1'),
        (SELECT count(DISTINCT subject) FROM meishi_events.event WHERE type = 'photo.changed.v1')
"""

#: Seconds between two looks.
_EVERY = 0.2


class Importing:
    """An import in a system of real processes, seen over HTTP and in the database."""

    def __init__(self, system: System, token: str) -> None:
        self.system = system
        self._token = token
        self.looks: list[int] = []
        self.operation = ""

    def request(
        self, method: str, path: str, body: bytes | None = None, media_type: str = "text/vcard"
    ) -> Any:
        """Return the answer to a request, which must go well."""
        wanted = urllib.request.Request(
            f"http://127.0.0.1:{self.system.port}{path}",
            data=body,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": media_type},
            method=method,
        )
        with urllib.request.urlopen(wanted, timeout=30) as answer:
            return json.load(answer)

    def upload(self, book: bytes) -> str:
        """Upload an address book and return the path of the import."""
        return f"{IMPORTS}/{self.request('POST', IMPORTS, book)['id']}"

    def run(self, path: str) -> None:
        """Have the import done, and follow that from now on."""
        found = self.request("POST", f"{path}/run", b"")
        self.operation = f"/api/v1/operations/{found['id']}"
        self.looks.clear()

    def look(self) -> dict[str, Any]:
        """Look at the operation; what it says must be true, and never less than before."""
        found: dict[str, Any] = self.request("GET", self.operation)
        done = found["progress"]["done"]
        ((offset, noted, rows, contacts, events),) = self.system.rows(_TRUTH)
        assert rows == contacts == events
        assert done <= noted <= offset
        assert done >= max(self.looks, default=0)
        self.looks.append(done)
        return found

    def wait_until_past(self, part: float, size: int) -> None:
        """Look again and again until so much is done."""
        wait_until(
            lambda: self.look()["progress"]["done"] >= part * size,
            f"{part:.0%} is done",
            every=_EVERY,
        )

    def wait_for_the_end(self) -> dict[str, Any]:
        """Look again and again until the operation has ended, and return it."""
        wait_until(lambda: self.look()["state"] in FINAL, "the operation has ended", every=_EVERY)
        return self.look()


@pytest.fixture
def system(database: Location, meishi_settings: Settings, tmp_path: Path) -> Iterator[System]:
    """A system on the test's database, without any process yet; none may be left behind."""
    home = tmp_path / "home"
    environment = {
        "MEISHI_DATABASE_URL": database.runtime_url,
        "MEISHI_DEPLOYMENT": meishi_settings.deployment,
        # Finer steps than by default: more of them to be killed in.
        "MEISHI_PLUGIN__CRM_CONTACTS__IMPORT_STEP_SECONDS": "0",
    }
    with (tmp_path / "said.log").open("w+b") as said, ending(home, said):
        yield System(home, environment, database.administrator_url(), said)


@pytest.fixture
def started(system: System) -> Iterator[Callable[..., Process]]:
    """Starts parts of the system; what still runs is ended with the test."""
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        processes.append(system.start(*arguments))
        return processes[-1]

    yield start
    for process in processes:
        if process.poll() is None:
            end(process)


@pytest.fixture
def importing(
    system: System, started: Callable[..., Process], workspace: WorkspaceUnderTest
) -> Importing:
    """An import in a system whose web server runs."""
    started("serve", "--port", str(system.port))
    wait_until(lambda: is_healthy(system.port), "healthy")
    return Importing(system, workspace.token)


def assert_all_of_it(system: System, cards: int) -> None:
    """Every card has become one contact, with one event."""
    ((_, _, *counts),) = system.rows(_TRUTH)
    (different,) = system.rows(_DIFFERENT)
    assert {*counts, *different} == {cards}


def kill_the_one_at_work(system: System) -> None:
    """Kill the process that runs jobs, which the worker replaces."""

    def kill() -> bool:
        with suppress(ProcessLookupError):
            for process in system.named("meishi.working", "--jobs"):
                os.kill(process, signal.SIGKILL)
                return True
        return False

    wait_until(kill, "a process that runs jobs")


@pytest.mark.once
def test_killed_import_resumes_and_tells_the_truth_all_the_time(
    system: System, importing: Importing, started: Callable[..., Process]
) -> None:
    """No contact twice, none missing, and no look at it ever showed more than there was."""
    book = address_book(CARDS)
    worker = started("worker")
    importing.run(importing.upload(book))
    importing.wait_until_past(0.1, len(book))
    kill_the_one_at_work(system)
    importing.wait_until_past(0.3, len(book))
    end(worker, signal.SIGKILL)
    wait_until(lambda: not system.named("meishi.working"), "the worker's processes are gone")
    started("worker")
    importing.wait_until_past(0.6, len(book))
    kill_the_one_at_work(system)
    done = importing.wait_for_the_end()
    assert done["state"] == "succeeded", system.log()
    assert done["result"] == {
        **dict.fromkeys(("rows", "created"), CARDS),
        **dict.fromkeys(("updated", "unchanged", "duplicates", "rejected"), 0),
    }
    assert done["progress"] == {"done": len(book), "total": len(book), "unit": "bytes"}
    assert done["attempts"] == 4
    assert_all_of_it(system, CARDS)
    completed = "SELECT count(*) FROM meishi_events.event WHERE type = 'import.completed.v1'"
    assert system.rows(completed) == [(1,)]


def test_import_is_cancelled_in_the_middle_and_goes_on_later(
    system: System, importing: Importing, started: Callable[..., Process]
) -> None:
    """What is in stays as it is; whoever runs the import again gets the rest, and nothing twice."""
    book = address_book(FEWER)
    started("worker")
    path = importing.upload(book)
    importing.run(path)
    importing.wait_until_past(0.01, len(book))
    importing.request("POST", f"{importing.operation}/cancel", b"")
    cancelled = importing.wait_for_the_end()
    assert (cancelled["state"], cancelled["cancel_requested"]) == ("cancelled", True)
    assert 0 < cancelled["progress"]["done"] < len(book)
    found = importing.request("GET", path)
    ((_, _, rows, contacts, _),) = system.rows(_TRUTH)
    assert 0 < found["counts"]["created"] == rows == contacts < FEWER
    importing.run(path)
    done = importing.wait_for_the_end()
    assert (done["state"], done["result"]["created"]) == ("succeeded", FEWER)
    assert_all_of_it(system, FEWER)


@pytest.mark.once
def test_killed_undo_of_a_mapped_table_takes_everything_back_once(
    system: System, importing: Importing, started: Callable[..., Process]
) -> None:
    """Kills in the middle of the run and of the undo: no contact twice, and none deleted twice."""
    table = "Wer;Wo\r\n" + "".join(f"Person {n};Town {n % 9}\r\n" for n in range(FEWER))
    body = table.encode()
    path = f"{IMPORTS}/{importing.request('POST', IMPORTS, body, 'text/csv')['id']}"
    columns = [{"position": 0, "field": "name"}, {"position": 1, "field": "address.locality"}]
    mapping = json.dumps({"columns": columns}).encode()
    importing.request("PUT", f"{path}/mapping", mapping, "application/json")
    started("worker")
    importing.run(path)
    importing.wait_until_past(0.1, len(body))
    kill_the_one_at_work(system)
    assert importing.wait_for_the_end()["state"] == "succeeded", system.log()
    assert_all_of_it(system, FEWER)
    operation = importing.request("POST", f"{path}/undo", b"")
    wait_until(
        lambda: importing.request("GET", f"{path}/undo")["done"] >= FEWER / 10,
        "a part is undone",
        every=_EVERY,
    )
    kill_the_one_at_work(system)
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(importing.request("GET", f"/api/v1/operations/{operation['id']}"))
        undone = importing.request("GET", f"{path}/undo")
        ((left, deleted),) = system.rows(_UNDONE)
        assert left <= FEWER - undone["deleted"]
        assert deleted >= undone["deleted"]
        return found["state"] in FINAL

    wait_until(ended, "the undo has ended", every=_EVERY)
    assert (found["state"], found["attempts"]) == ("succeeded", 2), system.log()
    assert found["result"] == {"deleted": FEWER, "reverted": 0, "gone": 0, "kept": 0}
    assert system.rows(_UNDONE) == [(0, FEWER)]


@pytest.mark.once
def test_killed_job_takes_each_photo_once(
    system: System, importing: Importing, started: Callable[..., Process]
) -> None:
    """Kills while the photos of an import are made: what is told is there, and nothing twice."""
    file = BytesIO()
    Image.new("RGB", (1200, 900), "red").save(file, "JPEG")
    photo = b64encode(file.getvalue()).decode()
    book = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Face {n}\r\nPHOTO;ENCODING=b:{photo}\r\nEND:VCARD\r\n"
        for n in range(FACES)
    )
    started("worker")
    path = importing.upload(book.encode())
    importing.request("POST", f"{path}/run", b"")
    found: dict[str, Any] = {}

    def is_past(part: float) -> bool:
        found.update(importing.request("GET", f"{path}/photos"))
        ((photos, *others),) = system.rows(_PHOTOS)
        assert others == [photos] * 3
        assert photos >= found["taken"]
        return bool(found["found"] == FACES and found["taken"] >= part * FACES)

    for part in (0.1, 0.5):
        wait_until(partial(is_past, part), f"{part:.0%} is taken", every=_EVERY)
        kill_the_one_at_work(system)
    operation = f"/api/v1/operations/{found['operation_id']}"
    wait_until(
        lambda: importing.request("GET", operation)["state"] in FINAL, "the end", every=_EVERY
    )
    assert is_past(1)
    done = importing.request("GET", operation)
    assert (done["state"], done["result"]["taken"]) == ("succeeded", FACES), system.log()
    assert 1 < done["attempts"] <= 3
