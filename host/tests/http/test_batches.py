"""Batches: many requests in one, each answered as if it had come alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.host import Host
from meishi.http.batches import INSIDE, MAX_ITEMS
from meishi.http.idempotency import REPLAYED
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded
from .test_mounting import PREAMBLE

CONTACTS = "/api/v1/contacts"
NAMELESS = {"method": "POST", "body": {"name": {}}}

Send = Callable[..., TestResponse]
Items = list[dict[str, Any]]


@pytest.fixture
def send(client: FlaskClient, workspace: WorkspaceUnderTest) -> Send:
    """Send a batch of contacts."""

    def post(
        items: Items, *, atomic: bool = False, path: str = CONTACTS, **headers: str
    ) -> TestResponse:
        return client.post(
            f"{path}:batch",
            json={"items": items, "atomic": atomic},
            headers={**workspace.headers, **headers},
        )

    return post


def answers(response: TestResponse) -> Items:
    """Return the answers of a batch that was done."""
    assert response.status_code == 207, response.text
    assert response.json is not None
    items: Items = response.json["items"]
    return items


def named(name: str, **fields: Any) -> dict[str, Any]:
    """Return the item that creates a contact."""
    return {"method": "POST", "body": {"name": {"full": name}, **fields}}


def stored(database: Location) -> tuple[list[str], list[str]]:
    """Return the names of all contacts, and the types of all events, as they are stored."""
    assert database.admin_url is not None
    names = "SELECT full_name FROM crm_contacts.contact WHERE deleted_at IS NULL ORDER BY id"
    with psycopg.connect(database.admin_url) as admin:
        found = admin.execute(names).fetchall()
        events = admin.execute("SELECT type FROM meishi_events.event ORDER BY pos").fetchall()
    return [row[0] for row in found], [row[0] for row in events]


def code(answer: dict[str, Any]) -> tuple[int, str]:
    """Return status and code of a problem."""
    return answer["status"], answer["body"]["type"].rpartition(":")[2]


def test_each_is_answered_as_a_request_of_its_own(
    send: Send, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Status, address, entity tag and document are those that the single request gives."""
    (made,) = answers(send([named("Ada")]))
    assert made["status"] == 201
    got = client.get(made["headers"]["Location"], headers=workspace.headers)
    assert (got.json, got.headers["ETag"]) == (made["body"], made["headers"]["ETag"])
    one = made["body"]["id"]
    changed, gone = answers(
        send(
            [
                {
                    "method": "PATCH",
                    "id": one,
                    "if_match": made["headers"]["ETag"],
                    "body": {"title": "Countess"},
                },
                {"method": "DELETE", "id": one, "if_match": "*"},
            ]
        )
    )
    assert (changed["status"], changed["body"]["title"]) == (200, "Countess")
    assert gone == {"status": 204}


def test_items_see_what_those_before_them_did(send: Send, database: Location) -> None:
    """They are done in their order, whatever each one is."""
    taken = [named("Ada", uid="urn:x:1"), named("Eve", uid="urn:x:1"), named("Bob")]
    assert [answer["status"] for answer in answers(send(taken))] == [201, 409, 201]
    assert stored(database)[0] == ["Ada", "Bob"]


#: What an item may be wrong about, and how the single request is answered.
REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "value": (NAMELESS, (422, "invalid-request")),
    "no body": ({"method": "POST"}, (415, "unsupported-media-type")),
    "no such item": (
        {"method": "DELETE", "id": str(uuid4()), "if_match": "*"},
        (404, "contact-not-found"),
    ),
    "no id of this kind": ({"method": "DELETE", "id": "x", "if_match": "*"}, (404, "not-found")),
    "another address": (
        {"method": "POST", "id": "imports", "body": {}},
        (404, "not-found"),
    ),
    "method of the item alone": ({"method": "DELETE"}, (405, "method-not-allowed")),
    "no version": (
        {"method": "DELETE", "id": str(uuid4())},
        (428, "precondition-required"),
    ),
    "no such parameter": (
        {**NAMELESS, "query": {"mach": "uid"}},
        (400, "invalid-request"),
    ),
    "no entity tag": (
        {"method": "DELETE", "id": str(uuid4()), "if_match": "x"},
        (400, "bad-request"),
    ),
}


@pytest.mark.parametrize(("item", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_fails_is_undone_alone(
    send: Send, database: Location, item: dict[str, Any], problem: tuple[int, str]
) -> None:
    """Its place has the problem, those before and behind it are kept with their events."""
    first, failed, last = answers(send([named("Ada"), item, named("Bob")]))
    assert (first["status"], code(failed), last["status"]) == (201, problem, 201)
    assert stored(database) == (["Ada", "Bob"], ["contact.created.v1"] * 2)


def test_a_view_that_fails_behind_its_commands_is_undone(
    send: Send, app: Flask, database: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a request has done by then goes with it, though each command had ended well."""
    inside = app.extensions[INSIDE]
    endpoint = next(
        name for name, found in inside.items() if found.view_class.__name__ == "ContactList"
    )

    @wraps(view := inside[endpoint])
    def fail(**values: Any) -> Response:
        answer: Response = view(**values)
        if b"Eve" in answer.data:
            raise ValueError
        return answer

    monkeypatch.setitem(inside, endpoint, fail)
    found = answers(send([named("Ada"), named("Eve"), named("Bob")]))
    assert [answer["status"] for answer in found] == [201, 500, 201]
    assert stored(database) == (["Ada", "Bob"], ["contact.created.v1"] * 2)


def test_problems_of_items_point_into_their_own_bodies(send: Send) -> None:
    """A pointer is the same as in the answer to the single request."""
    (failed,) = answers(send([NAMELESS]))
    assert failed["body"]["instance"] == CONTACTS
    assert [error["pointer"] for error in failed["body"]["errors"]] == ["/name/full"]


def test_stale_versions_are_refused_one_by_one(send: Send, database: Location) -> None:
    """The first change makes the tag old that the second one was read with."""
    (made,) = answers(send([named("Ada")]))
    change = {
        "method": "PATCH",
        "id": made["body"]["id"],
        "if_match": made["headers"]["ETag"],
        "body": {"title": "Countess"},
    }
    second = change | {"body": {"title": "Queen"}}
    found = answers(send([change, second]))
    assert (found[0]["status"], code(found[1])) == (200, (412, "version-mismatch"))
    assert stored(database)[1] == ["contact.created.v1", "contact.updated.v1"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_atomic_batch_is_done_whole_or_not_at_all(
    send: Send, database: Location, place: int
) -> None:
    """One that fails takes all back, those behind it and the events of those before it, too."""
    items = [named("Ada"), named("Bob")]
    items.insert(place, NAMELESS)
    found = [code(answer) for answer in answers(send(items, atomic=True))]
    expected = [(424, "failed-dependency")] * 2
    expected.insert(place, (422, "invalid-request"))
    assert found == expected
    assert stored(database) == ([], [])
    done = answers(send([named("Ada"), named("Bob")], atomic=True))
    assert [answer["status"] for answer in done] == [201, 201]
    assert stored(database) == (["Ada", "Bob"], ["contact.created.v1"] * 2)


VIEWS = """
@blueprint.route("")
class Shelf(MethodView):
    @write
    @blueprint.response(200)
    def post(self):
        "Put something there."
        return {}

@blueprint.route("/<thing>")
class Thing(MethodView):
    @read
    @blueprint.unconditional("There are enough.")
    @blueprint.response(204)
    def delete(self, thing):
        "Take it away."

blueprint.batch("", collection=Shelf, item=Thing)
"""


def test_each_item_needs_its_own_permission(packages: PluginPackages, degraded: Degraded) -> None:
    """Who may do the one and not the other is refused for the other alone."""
    packages.add("shop", plugin=PREAMBLE + VIEWS, api_prefix="shop")
    with degraded("shop") as app:
        host: Host = app.extensions["meishi"]
        workspace = found_workspace(host, "one")
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=workspace.owner_id, name="writer", scopes=frozenset({"shop.write"})
            )
        response = app.test_client().post(
            "/api/v1/shop:batch",
            json={"items": [{"method": "POST"}, {"method": "DELETE", "id": "x"}]},
            headers={"Authorization": f"Bearer {token.secret}"},
        )
        done, refused = answers(response)
        assert (done["status"], code(refused)) == (200, (403, "forbidden"))


#: What is no batch.
MALFORMED: dict[str, tuple[Any, str]] = {
    "nothing": ([], "/items"),
    "too many": ([named("Ada")] * (MAX_ITEMS + 1), "/items"),
    "method": ([named("Ada"), {"method": "GET"}], "/items/1/method"),
    "no method": ([{"body": {}}], "/items/0/method"),
    "unknown member": ([named("Ada") | {"path": "/x"}], "/items/0/path"),
    "path as id": ([{"method": "DELETE", "id": "a/restore", "if_match": "*"}], "/items/0/id"),
    "body": ([{"method": "POST", "body": []}], "/items/0/body"),
    "query": ([{"method": "POST", "query": "match=uid"}], "/items/0/query"),
    "too many parameters": (
        [{"method": "POST", "query": {str(n): "" for n in range(101)}}],
        "/items/0/query",
    ),
    "list in a query": ([{"method": "POST", "query": {"match": ["uid"]}}], "/items/0/query/match"),
}


@pytest.mark.parametrize(("items", "pointer"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_batch_is_refused_as_a_whole(
    send: Send, database: Location, items: Items, pointer: str
) -> None:
    """Nothing of it is done, and the pointer leads to what is wrong."""
    response = send(items)
    assert response.status_code == (400 if pointer.endswith("/path") else 422)
    assert response.json is not None
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert stored(database) == ([], [])


def test_a_batch_is_done_once_under_a_key(send: Send, database: Location) -> None:
    """Sent again, it is answered as the first time, failed items included."""
    items = [named("Ada"), NAMELESS]
    first, again = (send(items, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.data) == (207, first.data)
    assert again.headers[REPLAYED] == "true"
    assert stored(database)[0] == ["Ada"]


def test_a_full_batch_is_done(send: Send, database: Location) -> None:
    """As many as there may be are answered in their order."""
    found = answers(send([named(f"n{number}") for number in range(MAX_ITEMS)]))
    names = [answer["body"]["name"]["full"] for answer in found]
    assert names == [f"n{number}" for number in range(MAX_ITEMS)]
    assert len(stored(database)[1]) == MAX_ITEMS


def test_an_item_may_be_as_large_as_alone(send: Send, database: Location) -> None:
    """What a batch may have more of is items: the body of none is larger than it may be alone."""
    large = named("Eve", note="x" * 1024 * 1024)
    refused, made = answers(send([large, named("Ada")]))
    assert (code(refused), made["status"]) == ((413, "content-too-large"), 201)
    assert stored(database)[0] == ["Ada"]


def test_a_query_is_read_as_that_of_a_request_alone(send: Send, database: Location) -> None:
    """Whatever characters it has, it says to its own item what the address of a request would."""
    ada = named("Ada", uid="urn:x:1")
    wanted = [
        ada | {"query": {"match": "uid"}},
        ada | {"query": {"match": "uid"}},
        ada,
        ada | {"query": {"match": "uid&match=email"}},
        ada | {"query": {"ä&=#": "?"}},
    ]
    given = answers(send(wanted))
    assert [answer["status"] for answer in given] == [201, 200, 409, 400, 400]
    pointers = [answer["body"]["errors"][0]["pointer"] for answer in given[3:]]
    assert pointers == ["/query/match", "/query/ä&=#"]
    assert stored(database)[0] == ["Ada"]


def test_cards_and_codes_have_batches(
    send: Send, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Whatever plugin a resource belongs to, its batch works alike."""
    (contact,) = answers(send([named("Ada")]))
    card = {"method": "POST", "body": {"contact_id": contact["body"]["id"]}}
    (made, lost) = answers(
        send(
            [card, {"method": "POST", "body": {"contact_id": str(uuid4())}}],
            path="/api/v1/qr/cards",
        )
    )
    assert (made["status"], lost["status"]) == (201, 422)
    code_of = {"method": "POST", "body": {"card_id": made["body"]["id"], "kind": "dynamic"}}
    (printed,) = answers(send([code_of], path="/api/v1/qr/codes"))
    assert printed["headers"]["Location"] == f"/api/v1/qr/codes/{printed['body']['id']}"
    found = client.get(printed["headers"]["Location"], headers=workspace.headers)
    assert found.json == printed["body"]
