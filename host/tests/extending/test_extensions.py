"""Values of one plugin on resources of another: where they stand, and what keeps them away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from meishi.database.statements import Statements
from meishi.http.docs.document import Document
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.switches.interface import PluginSwitches
from meishi.testing.conformance.json_values import JsonSchemas
from meishi.testing.fixtures import found_workspace

from .conftest import BOOKS, Reading
from .shelves import acting, ids_of, loaded

Found = Mapping[UUID, dict[str, Any]]

FINE = {"critic": {"reviews": 1, "newest": "Fine."}}
NONE = {"critic": None}


def test_a_resource_has_the_values_of_other_plugins(reading: Reading) -> None:
    """They stand behind its own fields, by the plugin's name; null says that there are none."""
    reviewed, other = reading.book("Emma", "Fine."), reading.book("Persuasion")
    answer = reading.ask(f"/{reviewed}")
    assert list(json.loads(answer.data)) == ["id", "version", "title", "extensions"]
    assert reading.get(f"/{reviewed}")["extensions"] == FINE
    assert reading.get(f"/{other}")["extensions"] == NONE


def test_a_list_is_loaded_at_once(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """One item and fifty cost as many statements; each id is asked for once, in its role."""
    sent: list[str] = []
    run = Statements.run

    def counted(self: Statements, driver: Any, statement: str, *rest: Any) -> Any:
        sent.append(statement)
        return run(self, driver, statement, *rest)

    for number in range(50):
        reading.book(f"Volume {number}", "Fine.")
    reading.get("?limit=50")  # what is read once in a process is read
    loaded()
    monkeypatch.setattr(Statements, "run", counted)
    costs = {}
    for limit in (1, 50):
        sent.clear()
        items = reading.get(f"?limit={limit}")["items"]
        costs[limit] = len(sent)
        assert [item["extensions"] for item in items] == [FINE] * limit
        assert loaded() == [(tuple(ids_of(items)), {"meishi_reading_critic_run"})]
    assert costs[1] == costs[50] > 0


def test_an_empty_list_asks_nobody(reading: Reading) -> None:
    """Where there is no resource, no plugin is asked for values of it."""
    loaded()
    assert reading.get()["items"] == []
    assert loaded() == []


def test_what_was_written_comes_back_with_them(reading: Reading) -> None:
    """The answers to POST and PATCH are the resource as a GET shows it, its tag included."""
    created = reading.post({"title": "Emma"})
    assert created.json is not None
    assert created.json["extensions"] == NONE
    book = created.json["id"]
    reading.review(UUID(book), "Fine.")
    changed = reading.app.test_client().patch(
        f"{BOOKS}/{book}",
        json={"title": "Emma Woodhouse"},
        headers=reading.workspace.headers | {"If-Match": created.headers["ETag"]},
        content_type="application/merge-patch+json",
    )
    assert changed.json is not None
    assert changed.json["extensions"] == FINE
    assert reading.ask(f"/{book}").headers["ETag"] == changed.headers["ETag"]


@pytest.mark.parametrize("atomic", [False, True])
def test_a_batch_is_loaded_at_once(reading: Reading, *, atomic: bool) -> None:
    """All documents of its answer have their values after one call, and the tags of a GET."""
    old = reading.book("Old", "Fine.")
    patch = {"method": "PATCH", "id": str(old), "if_match": "*", "body": {"title": "New"}}
    posts = [{"method": "POST", "body": {"title": f"Volume {number}"}} for number in range(3)]
    loaded()
    answer = reading.post({"atomic": atomic, "items": [patch, *posts]}, ":batch")
    assert answer.json is not None
    items = answer.json["items"]
    assert [item["status"] for item in items] == [200, 201, 201, 201]
    assert [item["body"]["extensions"] for item in items] == [FINE, NONE, NONE, NONE]
    assert loaded() == [
        (tuple(ids_of([item["body"] for item in items])), {"meishi_reading_critic_run"})
    ]
    for item in items:
        found = reading.ask(f"/{item['body']['id']}")
        assert found.headers["ETag"] == item["headers"]["ETag"]


def test_a_failed_batch_asks_for_nothing_that_is_undone(reading: Reading) -> None:
    """What an atomic batch takes back is no resource any more."""
    post = {"method": "POST", "body": {"title": "Emma"}}
    loaded()
    answer = reading.post(
        {"atomic": True, "items": [post, {"method": "POST", "body": {}}]}, ":batch"
    )
    assert answer.json is not None
    assert [item["status"] for item in answer.json["items"]] == [424, 422]
    assert loaded() == []


def test_the_entity_tag_covers_the_values(reading: Reading) -> None:
    """What another plugin changes is another representation of the same version."""
    book = reading.book("Emma")
    before = reading.ask(f"/{book}").headers["ETag"]
    assert reading.ask(f"/{book}", If_None_Match=before).status_code == 304
    reading.review(book, "Fine.")
    answer = reading.ask(f"/{book}", If_None_Match=before)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before
    assert answer.headers["ETag"].partition(".")[0] == before.partition(".")[0]


def test_who_may_not_read_the_values_gets_the_resource(reading: Reading) -> None:
    """Without the permission of the extension nothing is loaded, and its name is not there."""
    book = reading.book("Emma", "Fine.")
    loaded()
    few = reading.bearer("athenaeum.read")
    assert reading.get(f"/{book}", Authorization=few)["extensions"] == {}
    assert reading.get(Authorization=few)["items"][0]["extensions"] == {}
    assert loaded() == []


def test_the_document_shows_nobody_what_they_may_not_read(reading: Reading) -> None:
    """To a token without the permission, neither values nor their schema are described."""
    client = reading.app.test_client()

    def described(bearer: str) -> tuple[list[str], bool]:
        """Return whose values are described of a book, and whether their schema is there."""
        headers = {"Authorization": bearer}
        document = client.get("/api/openapi.json", headers=headers).json or {}
        schemas = document["components"]["schemas"]
        added = schemas["Book"]["properties"]["extensions"]["properties"]
        return list(added), "BookReviews" in schemas

    assert described(reading.bearer("athenaeum.read")) == ([], False)
    assert described(reading.bearer("athenaeum.read", "critic.read")) == (["critic"], True)


def test_a_plugin_that_is_off_adds_nothing(reading: Reading) -> None:
    """In the workspace that has switched it off, and as long as it has."""
    book = reading.book("Emma", "Fine.")
    for on, shown in ((False, {}), (True, FINE)):
        with reading.workspace.acting_as("meishi_plugins"):
            service(PluginSwitches).switch_here("critic", on=on)
        reading.host.switches.refresh()
        loaded()
        assert reading.get(f"/{book}")["extensions"] == shown
        assert len(loaded()) == on


def test_values_are_of_the_callers_workspace(reading: Reading) -> None:
    """A row of another workspace about the same id is not seen."""
    book = reading.book("Emma")
    other = found_workspace(reading.host, "two")
    reading.review(book, "Of others.", workspace=other.id)
    assert reading.get(f"/{book}")["extensions"] == NONE


def test_fields_leave_them_out_before_they_are_loaded(reading: Reading) -> None:
    """`fields` names them like any field; who does not ask for them does not pay for them."""
    book = reading.book("Emma", "Fine.")
    loaded()
    assert reading.get(f"/{book}?fields=title") == {"id": str(book), "title": "Emma"}
    assert reading.get("?fields=title")["items"] == [{"id": str(book), "title": "Emma"}]
    assert loaded() == []
    assert reading.get("?fields=extensions")["items"] == [{"id": str(book), "extensions": FINE}]
    assert reading.get(f"/{book}?fields=extensions") == {"id": str(book), "extensions": FINE}


def fail(_found: Found) -> Found:
    """Raise."""
    raise ZeroDivisionError


def leave(_found: Found) -> Found:
    """End the process, as far as that goes."""
    raise SystemExit(3)


class Unspeakable(Exception):
    """Fails when somebody wants to read it."""

    def __repr__(self) -> str:
        raise RuntimeError


def fail_unspeakably(_found: Found) -> Found:
    """Raise what cannot be told."""
    raise Unspeakable


def fail_at_length(_found: Found) -> Found:
    """Raise with all that there is to know."""
    raise ValueError(100_000 * "x")


def break_database(_found: Found) -> Found:
    """Have the database refuse a statement."""
    execute("SELECT * FROM athenaeum.book")
    return {}


def say_of_others(found: Found) -> Found:
    """Return values that were not asked for, too."""
    return {**found, uuid4(): {"reviews": 1, "newest": "Fine."}}


def say_nothing(_found: Found) -> Any:
    """Return no mapping."""
    return None


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (fail, "ZeroDivisionError()"),
        (leave, "SystemExit(3)"),
        (fail_unspeakably, "Unspeakable(...)"),
        (fail_at_length, "x..."),
        (break_database, "permission denied"),
        (say_of_others, "which was not asked for"),
        (say_nothing, "`load` must return a mapping, not a NoneType"),
    ],
)
def test_a_failing_plugin_costs_nobody_else(
    reading: Reading, capfd: pytest.CaptureFixture[str], act: Any, said: str
) -> None:
    """The answer goes out without its values, what was written stays, and the log names it."""
    book = reading.book("Emma", "Fine.")
    capfd.readouterr()
    with acting(act, "load"):
        assert reading.get(f"/{book}")["extensions"] == {}
        created = reading.post({"title": "Persuasion"})
        assert created.status_code == 201
    (first, second) = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert (first["plugin"], first["target"]) == ("critic", "athenaeum.Book")
    assert said in first["error"]
    assert len(first["error"]) < 1000
    assert second["event"] == "extension_failed"
    assert len(reading.get()["items"]) == 2


def test_values_that_the_schema_refuses_are_left_out(
    reading: Reading, capfd: pytest.CaptureFixture[str]
) -> None:
    """Those of other resources are shown; the log says what is wrong with the first."""
    books = [reading.book(title, "Fine.") for title in ("Emma", "Persuasion", "Sanditon")]

    def exaggerate(found: Found) -> Found:
        values: dict[UUID, Any] = dict(found)
        values[books[1]] = {"reviews": 101, "newest": "Fine."}
        values[books[2]] = {"newest": "Fine."}
        return values

    capfd.readouterr()
    with acting(exaggerate, "load"):
        items = reading.get()["items"]
    assert [item["extensions"] for item in items] == [FINE, {}, {}]
    (line,) = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert (line["plugin"], line["resources"]) == ("critic", 2)
    assert str(books[1]) in line["error"]
    assert "BookReviewsSchema refuses" in line["error"]


def test_the_document_describes_them(reading: Reading) -> None:
    """Of the resource, whole or in part, as of a list of it; `fields` offers them by name."""
    reading.book("Emma", "Fine.")
    reading.book("Persuasion")
    document = Document(reading.app.test_client().get("/api/openapi.json").json or {})
    paths, schemas = document.content["paths"], document.content["components"]["schemas"]
    for name in ("Book", "BookPart"):
        member = schemas[name]["properties"]["extensions"]
        assert member["properties"]["critic"]["anyOf"][0] == {
            "$ref": "#/components/schemas/BookReviews"
        }
        assert "critic.read" in member["properties"]["critic"]["description"]
    assert "extensions" not in schemas["BookDraft"]["properties"]
    listing = paths[BOOKS]["get"]
    (choice,) = [item for item in listing["parameters"] if item["name"] == "fields"]
    assert choice["schema"]["items"]["enum"] == ["title", "id", "version", "extensions"]
    shown = listing["responses"]["200"]["content"]["application/json"]
    for query in ("", "?fields=extensions"):
        assert list(JsonSchemas(document).faults(reading.get(query), shown["schema"])) == []
    assert shown["example"]["items"][0]["extensions"]["critic"]["newest"] == "Fine."
