"""Stopping and forgetting an import on its page."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from crm_contacts.contract import Imports
from crm_contacts.sources import CHUNK_ROWS
from meishi.core.operations.contract import Operations
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host

from .conftest import ContactsClient
from .test_import_operations import CARDS, people
from .test_import_pages import uploaded

FRAGMENT = {"HX-Request": "true", "HX-Target": "import-state"}


def begun(browser: Browser, count: int) -> tuple[str, UUID]:
    """Have cards imported; return the path of the import's page, and its id."""
    path = uploaded(browser, people(count), "people.vcf")
    assert "/cancel" not in browser.get(path).text
    browser.send(f"{path}/mapping", {"then": "run"}, page=path)
    return path, UUID(path.rpartition("/")[2])


@pytest.mark.usefixtures("one_chunk_a_step")
def test_a_run_is_stopped_and_gone_on_with(
    signed_in: Browser,
    contacts: ContactsClient,
    workspace: WorkspaceUnderTest,
    run_jobs: JobRuns,
) -> None:
    """What came in stays, the page says so, and a button does the rest."""
    path, import_id = begun(signed_in, CARDS)
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(import_id)
    assert f'action="{path}/cancel"' in signed_in.get(path, headers=FRAGMENT).text
    assert signed_in.send(f"{path}/cancel", page=path).location == path
    page = signed_in.get(path).text
    assert "The import was stopped before its end. What came in stays." in page
    assert ("/cancel" in page, "every 1s" in page) == (False, False)
    run_jobs()
    assert contacts.page(total=True)["total"] == CHUNK_ROWS
    again = signed_in.send(f"{path}/cancel", page=path)
    assert (again.status_code, again.location) == (303, path)
    signed_in.send(f"{path}/mapping", {"then": "run"}, page=path)
    run_jobs()
    assert "The import is complete" in signed_in.get(path).text
    assert contacts.page(total=True)["total"] == CARDS


def test_a_run_that_was_asked_to_stop_says_so_until_it_has(
    signed_in: Browser, workspace: WorkspaceUnderTest, plugin_host: Host, run_jobs: JobRuns
) -> None:
    """Whoever is at it ends its step first; before any step, all is as before the run."""
    path, import_id = begun(signed_in, 3)
    with workspace.acting_as("crm_contacts"):
        operation_id = service(Imports).get(import_id).operation_id
    assert operation_id is not None
    with plugin_host.scope(workspace=workspace.id, plugin="meishi_jobs"):
        service(Operations).start(operation_id, attempt=1)
    signed_in.send(f"{path}/cancel", page=path)
    page = signed_in.get(path).text
    assert "It is being stopped" in page
    assert (f'action="{path}/cancel"' in page, "every 1s" in page) == (False, True)
    run_jobs()
    followed = signed_in.get(path, headers=FRAGMENT)
    assert (followed.status_code, followed.headers["HX-Redirect"]) == (204, path)
    assert "Nothing is imported yet." in signed_in.get(path).text


def test_a_trial_and_an_undo_are_stopped(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """The same button stops whatever is under way."""
    path = uploaded(signed_in, people(3), "people.vcf")
    signed_in.send(f"{path}/mapping", {"then": "try"}, page=path)
    assert f'action="{path}/cancel"' in signed_in.get(path, headers={"HX-Request": "true"}).text
    signed_in.send(f"{path}/cancel", page=path)
    assert "The trial was stopped before its end." in signed_in.get(path).text
    signed_in.send(f"{path}/mapping", {"then": "run"}, page=path)
    run_jobs()
    signed_in.send(f"{path}/undo", page=path)
    signed_in.send(f"{path}/cancel", page=path)
    assert "The undo was stopped before its end." in signed_in.get(path).text
    run_jobs()
    assert len(contacts.all()) == 3


def test_an_import_is_forgotten_and_its_contacts_stay(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """Also one that only waits; what works on it stops, and there is nothing to forget twice."""
    path, _ = begun(signed_in, 3)
    run_jobs()
    page = signed_in.get(path).text
    assert f'action="{path}/forget"' in page
    assert 'data-confirm="Forget this import?' in page
    token = token_on(signed_in.get(path))
    sent = signed_in.send(f"{path}/forget", page=path)
    assert (sent.status_code, sent.location) == (303, "/contacts/import")
    listed = signed_in.get("/contacts/import").text
    assert ("The import is forgotten." in listed, path in listed) == (True, False)
    assert len(contacts.all()) == 3
    assert signed_in.get(path).status_code == 404
    for action in ("forget", "cancel"):
        answer = signed_in.client.post(f"{path}/{action}", data={"csrf_token": token})
        assert answer.status_code == 404
    waiting = uploaded(signed_in, people(4), "people.vcf")
    assert f'action="{waiting}/forget"' in signed_in.get(waiting).text
    running, _ = begun(signed_in, 5)
    for other in (waiting, running):
        signed_in.send(f"{other}/forget", page=other)
    run_jobs()
    assert len(contacts.all()) == 3


def test_who_may_only_read_neither_stops_nor_forgets(
    signed_in: Browser, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """They see how far it is, without the buttons; what they send all the same is refused."""
    path, _ = begun(signed_in, 3)
    token = token_on(signed_in.get(path))
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    for _turn in range(2):
        page = signed_in.get(path)
        assert page.status_code == 200
        assert f'action="{path}/' not in page.text
        for action in ("cancel", "forget"):
            answer = signed_in.client.post(f"{path}/{action}", data={"csrf_token": token})
            assert answer.status_code == 403
        run_jobs()


def test_who_may_only_read_sees_what_an_import_would_be_without_its_forms(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """What the columns become and the first contacts, and nothing that could be sent."""
    table = "Name,Work E-Mail,Odd\r\nAda,ada@x.example,x\r\n"
    path = uploaded(signed_in, table, "people.csv")
    assert f'action="{path}/mapping"' in signed_in.get(path).text
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    page = signed_in.get(path)
    assert page.status_code == 200
    assert f'action="{path}/' not in page.text
    assert not {f"<{tag}" for tag in ("select", "textarea")} & {*page.text.split()}
    assert 'name="target"' not in page.text
    for said in ("Work E-Mail", "Email (work)", "ada@x.example", "The first contacts"):
        assert said in page.text, said
    token = token_on(page)
    for action in ("mapping", "dialect", "forget-mapping"):
        answer = signed_in.client.post(f"{path}/{action}", data={"csrf_token": token})
        assert answer.status_code == 403
