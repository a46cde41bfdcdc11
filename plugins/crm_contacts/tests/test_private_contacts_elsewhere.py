"""Private contacts in files, in the search over all modules, and under several hands at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts import file_formats
from crm_contacts.contract import Access, Share, Sharings, Visibility
from meishi.sdk.context import Actor, service
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

from .beside import begun
from .colleagues import Colleague, Colleagues
from .conftest import CONTACTS, vcard
from .test_everywhere_search import found
from .test_exports import exported
from .test_sharing import ANNA, BO

ROUNDS = 8


@pytest.fixture
def people(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    host: Host,
    plugin_host: Host,
    database: Location,
) -> Colleagues:
    """The people of the workspace."""
    services = [] if plugin_host is host else [plugin_host]
    return Colleagues(client, workspace, host, database, *services)


@pytest.fixture
def alice(people: Colleagues) -> Colleague:
    """A member."""
    return people.add("Alice")


@pytest.fixture
def bob(people: Colleagues) -> Colleague:
    """Another member."""
    return people.add("Bob")


@pytest.mark.parametrize("form", [form.name for form in file_formats.FORMATS])
def test_no_file_holds_them(alice: Colleague, bob: Colleague, form: str) -> None:
    """Not even where a filter or a search names them; who sees them has them."""
    made = alice.contacts.create(ANNA)["id"]
    alice.contacts.create(BO)
    alice.share(made)
    name = f"contacts-{form}"
    for query in ({}, {"q": "lindqvist"}, {"filter[email][eq]": "anna@lindqvist.example"}):
        assert b"lindqvist" not in exported(bob.contacts, name, **query).lower(), query
        assert b"lindqvist" in exported(alice.contacts, name, **query).lower(), query
    assert b"Bo Ek" in exported(bob.contacts, name)


def test_no_card_tells_who_is_related_to_them(alice: Colleague, bob: Colleague) -> None:
    """In neither direction; and no card that somebody else brings relates anybody to them."""
    anna = alice.contacts.create(ANNA | {"uid": "anna"})["id"]
    bo = alice.contacts.create(BO)["id"]
    for source, target in ((anna, bo), (bo, anna)):
        document = {"target_id": target, "type": "friend"}
        alice.json("POST", f"/{source}/relationships", json=document)
    alice.share(anna)
    assert b"RELATED" not in exported(bob.contacts, "contacts-vcard")
    assert b"UID" not in exported(bob.contacts, "contacts-vcard")
    assert exported(alice.contacts, "contacts-vcard").count(b"RELATED") == 2
    bob.contacts.upload(vcard("FN:Cy", "UID:cy", "RELATED;TYPE=friend:anna"))
    (cy,) = (item for item in bob.contacts.all() if item["uid"] == "cy")
    assert [item["value"] for item in cy["raw"]] == ["anna"]
    assert alice.json("GET", f"/{cy['id']}/relationships")["items"] == []


def test_rows_of_imports_do_not_name_them(
    alice: Colleague, bob: Colleague, people: Colleagues, app: Flask
) -> None:
    """Over HTTP and on the page of the import, neither who undoes it nor who reads it."""
    cards = vcard("FN:Anna Lindqvist", "UID:anna") + vcard("FN:Bo Ek", "UID:bo")
    import_id = alice.contacts.upload(cards)["id"]
    page = f"/contacts/import/{import_id}"
    ids = {item["name"]["full"]: item["id"] for item in alice.contacts.all()}
    alice.share(ids["Anna Lindqvist"])
    assert [row.get("name") for row in bob.contacts.rows(import_id)] == [None, "Bo Ek"]
    assert [row["name"] for row in alice.contacts.rows(import_id)] == ["Anna Lindqvist", "Bo Ek"]
    assert "Lindqvist" not in people.browser(bob, app).get(page).text
    alice.share(ids["Anna Lindqvist"], visibility="workspace")
    assert [row["name"] for row in bob.contacts.rows(import_id)] == ["Anna Lindqvist", "Bo Ek"]


def test_no_search_finds_them(
    alice: Colleague, bob: Colleague, people: Colleagues, app: Flask
) -> None:
    """Over HTTP, on the page, and in the box of every page, with typing errors, too."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made)
    theirs, others = people.browser(alice, app), people.browser(bob, app)
    box = {"HX-Request": "true"}
    for text in ("lindqvist", "lindkvist", "anna@lindqvist.example", "+46701234507"):
        assert [item["id"] for item in found(alice.contacts, text)] == [made], text
        assert found(bob.contacts, text) == [], text
        for headers in ({}, box):
            assert made in theirs.get("/search", query_string={"q": text}, headers=headers).text
            assert made not in others.get("/search", query_string={"q": text}, headers=headers).text


def test_modules_are_told_which_are_hidden(
    alice: Colleague, bob: Colleague, workspace: WorkspaceUnderTest, plugin_host: Host
) -> None:
    """Deleted ones, too; not what was never there, nor anything to who oversees contacts."""
    hidden, deleted, shown = (UUID(alice.contacts.create(BO)["id"]) for _ in range(3))
    for contact in (hidden, deleted):
        alice.share(str(contact))
    gone = alice.send("DELETE", f"/{deleted}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    asked = (hidden, deleted, shown, UUID(int=7), hidden)

    def told(user: Colleague | None, *permissions: str) -> tuple[UUID, ...]:
        actor = None if user is None else Actor(
            user_id=UUID(user.user_id), permissions=frozenset({"contacts.read", *permissions})
        )  # fmt: skip
        with plugin_host.scope(workspace=workspace.id, actor=actor, plugin="crm_contacts"):
            return service(Sharings).hidden(asked)

    assert told(bob) == tuple(sorted((hidden, deleted)))
    assert told(alice) == told(bob, "contacts.oversee") == told(None) == ()


def test_a_share_that_is_withdrawn_at_the_same_time_as_a_write(
    alice: Colleague, bob: Colleague, app: Flask
) -> None:
    """Either the write came first and counts, or it finds nothing; no third thing happens."""
    for turn in range(ROUNDS):
        made = alice.contacts.create(BO)["id"]
        alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "write"}])
        barrier = Barrier(2)

        def write(made: str = made, barrier: Barrier = barrier, turn: int = turn) -> int:
            headers = bob.workspace.headers | {"Content-Type": MERGE_PATCH, "If-Match": "*"}
            barrier.wait()
            document = json.dumps({"title": f"Turn {turn}"})
            path = f"{CONTACTS}/{made}"
            return app.test_client().patch(path, data=document, headers=headers).status_code

        def withdraw(made: str = made, barrier: Barrier = barrier) -> int:
            headers = alice.workspace.headers | {"If-Match": "*"}
            document = {"owner_id": alice.user_id, "visibility": "private"}
            barrier.wait()
            path = f"{CONTACTS}/{made}/sharing"
            return app.test_client().put(path, json=document, headers=headers).status_code

        with ThreadPoolExecutor(2) as pool:
            written, withdrawn = pool.submit(write), pool.submit(withdraw)
        assert withdrawn.result() == 200
        assert written.result() in {200, 404}
        now = alice.contacts.get(made)
        assert (now["title"] == f"Turn {turn}") == (written.result() == 200)
        assert now["version"] == (4 if written.result() == 200 else 3)
        assert now["visibility"] == "private"
        assert bob.send("GET", f"/{made}").status_code == 404


@pytest.mark.inside
@pytest.mark.parametrize(("left", "status"), [(None, 404), (Access.READ, 403)])
def test_a_write_that_waits_for_a_withdrawal_writes_nothing(
    alice: Colleague,
    bob: Colleague,
    workspace: WorkspaceUnderTest,
    host: Host,
    app: Flask,
    left: Access | None,
    status: int,
) -> None:
    """Whoever has read the contact before, and waits for its row, is not let in after that."""
    made = alice.contacts.create(BO)["id"]
    headers = bob.workspace.headers | {"If-Match": "*"}
    document = json.dumps({"title": "x"})
    patching = headers | {"Content-Type": MERGE_PATCH}
    requests: dict[str, Callable[[FlaskClient], TestResponse]] = {
        "patch": lambda by: by.patch(f"{CONTACTS}/{made}", data=document, headers=patching),
        "note": lambda by: by.post(f"{CONTACTS}/{made}/notes", json={"text": "x"}, headers=headers),
        "delete": lambda by: by.delete(f"{CONTACTS}/{made}", headers=headers),
    }
    owner = Actor(
        user_id=UUID(alice.user_id), permissions=frozenset({"contacts.read", "contacts.write"})
    )
    shares = (Share(user_id=UUID(bob.user_id), access=left),) if left else ()
    for name, send in requests.items():
        alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "write"}])
        before = alice.contacts.get(made)["version"]
        with host.scope(workspace=workspace.id, actor=owner, plugin="crm_contacts"):
            service(Sharings).put(
                UUID(made), owner_id=UUID(alice.user_id), visibility=Visibility.PRIVATE,
                shared_with=shares,
            )  # fmt: skip
            answer = begun(partial(send, app.test_client()))
            assert not answer.done(), f"{name} did not wait: {answer.result().text}"
        assert answer.result().status_code == status, name
        assert alice.contacts.get(made)["version"] == before + 1
        assert alice.json("GET", f"/{made}/notes")["items"] == []
