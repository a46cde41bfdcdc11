"""Imports as operations: asked for, followed, cancelled, gone on with, and deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import Imports
from crm_contacts.sources import CHUNK_ROWS
from meishi.core.operations.contract import Operations
from meishi.sdk.context import service
from meishi.testing.jobs import JobRun
from meishi.testing.types import Host, WorkspaceUnderTest

from .conftest import IMPORTS, OPERATIONS, ContactsClient, vcard

CARDS = CHUNK_ROWS + 20


def people(count: int) -> str:
    """Write cards of different people."""
    return "".join(vcard(f"FN:Person {n}") for n in range(count))


def post(contacts: ContactsClient, path: str) -> Any:
    """Send a request that succeeds, and return the answer."""
    answer = contacts.client.post(path, headers=contacts.headers)
    assert answer.status_code < 300, answer.text
    return answer.json


def test_run_is_answered_with_the_operation_that_does_it(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """It names the import, and the import names it; at the end it has the counts."""
    found = contacts.send(people(3))
    assert found["operation_id"] is None
    operation = contacts.start(found["id"])
    assert (operation["state"], operation["kind"]) == ("waiting", "crm_contacts.run_import")
    assert operation["subject"] == f"{IMPORTS}/{found['id']}"
    assert operation["created_by"] == str(workspace.owner_id)
    assert contacts.get_import(found["id"])["operation_id"] == operation["id"]
    assert contacts.get_import(found["id"])["state"] == "uploaded"
    contacts.run_jobs()
    done = contacts.operation(operation["id"])
    imported = contacts.get_import(found["id"])
    assert (done["state"], imported["state"]) == ("succeeded", "completed")
    assert done["result"] == imported["counts"]
    size = len(people(3))
    assert done["progress"] == {"done": size, "total": size, "unit": "bytes"}
    assert imported["operation_id"] == operation["id"]


def imports_run(contacts: ContactsClient) -> list[JobRun]:
    """Run all jobs; return what was tried of imports: others may have something to do by then."""
    return [run for run in contacts.run_jobs() if run.job == "crm_contacts.run_import"]


@pytest.mark.usefixtures("one_chunk_a_step")
def test_run_while_one_is_under_way_is_the_same(contacts: ContactsClient) -> None:
    """However often it is asked for, one operation does the work, once."""
    import_id = contacts.send(people(CARDS))["id"]
    first = contacts.start(import_id)
    assert contacts.start(import_id)["id"] == first["id"]
    runs = imports_run(contacts)
    assert [run.operation for run in runs] == [UUID(first["id"])]
    done = contacts.operation(first["id"])
    assert done["progress"]["unit"] == "bytes"
    assert done["progress"]["done"] == done["progress"]["total"] == len(people(CARDS))
    assert done["result"]["created"] == CARDS


@pytest.mark.usefixtures("one_chunk_a_step")
def test_import_that_was_cancelled_goes_on_later(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """What came in stays; another operation does the rest, and no contact comes twice."""
    import_id = contacts.send(people(CARDS))["id"]
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(import_id))
    first = contacts.start(import_id)
    cancelled = post(contacts, f"{OPERATIONS}/{first['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    assert [run.fate for run in imports_run(contacts)] in ([], ["cancelled"])
    assert contacts.get_import(import_id)["counts"]["created"] == CHUNK_ROWS
    second = contacts.start(import_id)
    assert second["id"] != first["id"]
    contacts.run_jobs()
    assert contacts.operation(second["id"])["result"]["created"] == CARDS
    assert contacts.page(total=True)["total"] == CARDS


def test_deleting_an_import_cancels_what_works_on_it(contacts: ContactsClient) -> None:
    """Nobody looks for a file that is gone."""
    import_id = contacts.send(people(3))["id"]
    operation = contacts.start(import_id)
    path = f"{IMPORTS}/{import_id}"
    assert contacts.client.delete(path, headers=contacts.headers).status_code == 204
    assert contacts.operation(operation["id"])["state"] == "cancelled"
    contacts.run_jobs()
    assert contacts.all() == []
    assert contacts.client.post(f"{path}/run", headers=contacts.headers).status_code == 404


def test_import_whose_operation_is_forgotten_can_be_run(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Its time is over long before that of the import."""
    found = contacts.upload(people(3))
    with workspace.acting_as("meishi_operations") as scope:
        scope.work.execute("DELETE FROM meishi_operations.operation")
    done = contacts.run(found["id"])
    assert done["counts"]["created"] == 3
    assert done["operation_id"] != found["operation_id"]


def test_deleting_an_import_stops_who_is_at_work_on_it(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> None:
    """Whoever began with it is told to stop, and does not fail for want of the import."""
    import_id = contacts.send(people(3))["id"]
    operation = contacts.start(import_id)
    with plugin_host.scope(workspace=workspace.id, plugin="meishi_jobs"):
        service(Operations).start(UUID(operation["id"]), attempt=1)
    answer = contacts.client.delete(f"{IMPORTS}/{import_id}", headers=contacts.headers)
    assert answer.status_code == 204
    asked = contacts.operation(operation["id"])
    assert (asked["state"], asked["cancel_requested"]) == ("running", True)
    contacts.run_jobs()
    assert contacts.operation(operation["id"])["state"] == "cancelled"
