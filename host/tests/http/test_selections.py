"""What callers choose to see: some fields of resources, and what these are related to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.http.docs.document import Document
from meishi.sdk.context import service
from meishi.testing.conformance.json_values import JsonSchemas
from meishi.testing.conformance.route_documents import route_document_faults
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded
from .library import PLUGIN

LIBRARY = "/api/v1/library"
BOOK = {
    "id": str(UUID(int=102)),
    "title": "Book 2",
    "author_id": str(UUID(int=1)),
    "reader_ids": [str(UUID(int=2)), str(UUID(int=3))],
    "pages": 2,
}
FIELDS = list(BOOK)


def person(number: int) -> dict[str, Any]:
    """Return what is included of a person."""
    key = str(UUID(int=number))
    return {key: {"id": key, "name": "Ann"}}


class Library:
    """The web API of the library."""

    def __init__(self, app: Flask, workspace: WorkspaceUnderTest) -> None:
        self.app = app
        self.workspace = workspace
        self.client = app.test_client()

    def ask(self, path: str, **headers: str) -> TestResponse:
        """Ask for an address below the plugin's."""
        sent = self.workspace.headers | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.client.get(f"{LIBRARY}/{path}", headers=sent)

    def get(self, path: str) -> dict[str, Any]:
        """Return what is there; it must be what the document says that it is."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        template = "/books/{number}" if "books/" in path else "/books"
        document = Document(self.client.get("/api/openapi.json").json or {})
        said = document.content["paths"][f"{LIBRARY}{template}"]["get"]["responses"]["200"]
        schema = said["content"]["application/json"]["schema"]
        assert list(JsonSchemas(document).faults(answer.json, schema)) == []
        return answer.json

    def loaded(self) -> list[tuple[int, ...]]:
        """Return which people were loaded since the last time, by each call."""
        calls = sys.modules["library.plugin"].LOADED
        found = [tuple(key.int for key in ids) for ids in calls]
        calls.clear()
        return found


@pytest.fixture
def library(packages: PluginPackages, degraded: Degraded) -> Iterator[Library]:
    """A deployment with the library."""
    packages.add("library", plugin=PLUGIN, api_prefix="library")
    with degraded("library") as app:
        yield Library(app, found_workspace(app.extensions["meishi"], "readers"))


def test_fields_are_shown_as_chosen(library: Library) -> None:
    """Of one resource and of each in a page: by their outer names, in order, always the id."""
    assert library.get("books/2") == BOOK
    assert library.get("books/2?fields=pages,title") == {
        name: BOOK[name] for name in ("id", "title", "pages")
    }
    assert library.get("books/2?fields=id") == {"id": BOOK["id"]}
    assert library.get("books/2?fields=pages,%20pages") == {"id": BOOK["id"], "pages": 2}
    assert library.get(f"books/2?fields={','.join(FIELDS)}") == BOOK
    page = library.get("books?fields=title&total=true&limit=3")
    assert [list(item) for item in page["items"]] == [["id", "title"]] * 3
    assert page["total"] == 3
    assert list(json.loads(library.ask("books/2?fields=pages,title").data)) == [
        "id",
        "title",
        "pages",
    ]


def test_a_choice_stays_on_the_way_through_a_list(library: Library) -> None:
    """The address of the next page asks for the same fields."""
    answer = library.ask("books?fields=title&include=author")
    assert "fields=title&include=author&after=" in answer.headers["Link"]
    url = answer.headers["Link"][1:].partition(">")[0].removeprefix(f"{LIBRARY}/")
    assert [list(item) for item in library.get(url)["items"]] == [["id", "title"]] * 3


def test_entity_tag_is_that_of_what_is_sent(library: Library) -> None:
    """Another choice is another representation of the same version, and 304 is about it alone."""
    tags = {
        query: library.ask(f"books/2{query}").headers["ETag"]
        for query in ("", "?fields=title", "?fields=pages", "?include=author")
    }
    assert len(set(tags.values())) == 4
    assert {tag.partition(".")[0] for tag in tags.values()} == {'"7'}
    for query in tags:
        for other, tag in tags.items():
            answer = library.ask(f"books/2{query}", If_None_Match=tag)
            assert answer.status_code == (304 if other == query else 200)


def test_related_resources_come_once_and_are_loaded_together(library: Library) -> None:
    """Each relation is one call for a whole page; its collection has what there is, by id."""
    page = library.get("books?include=author,readers")
    assert page["included"] == {"people": person(1) | person(2) | person(3)}
    assert [item["title"] for item in page["items"]] == ["Book 0", "Book 1", "Book 2"]
    assert library.loaded() == [(2, 1), (2, 3)]
    assert library.get("books?include=author")["included"] == {"people": person(1) | person(2)}
    assert library.loaded() == [(2, 1)]
    assert "included" not in library.get("books")
    assert library.loaded() == []


def test_one_resource_brings_its_relations_along(library: Library) -> None:
    """They stand beside its own fields; a relation that is empty is an empty collection."""
    assert library.get("books/2?include=author") == BOOK | {"included": {"people": person(1)}}
    assert library.get("books/3?include=readers")["included"] == {"people": person(2) | person(3)}
    assert library.loaded() == [(1,), (2, 3, 9)]
    assert library.get("books/0?include=author,readers")["included"] == {"people": {}}
    assert library.loaded() == []


def test_what_is_included_needs_not_be_chosen(library: Library) -> None:
    """The field that holds the ids may be left out of `fields`."""
    shown = library.get("books/2?fields=title&include=author")
    assert shown == {
        "id": BOOK["id"],
        "title": "Book 2",
        "included": {"people": person(1)},
    }


def test_related_resources_need_their_own_permission(library: Library) -> None:
    """Who may read books, and not people, is refused them before anything is loaded."""
    with library.workspace.acting_as("identity"):
        token = service(Tokens).issue(
            user_id=library.workspace.owner_id, name="books", scopes=frozenset({"library.read"})
        )
    bearer = f"Bearer {token.secret}"
    for path in ("books", "books/2"):
        assert library.ask(f"{path}?fields=title", Authorization=bearer).status_code == 200
        answer = library.ask(f"{path}?include=author", Authorization=bearer)
        assert answer.status_code == 403
        assert answer.json is not None
        assert "library.people" in answer.json["detail"]
    assert library.loaded() == []


WRONG = [
    ("fields=titel", "fields", "Unknown field `titel`. Did you mean `title`?"),
    ("fields=title,size", "fields", "Unknown field `size`."),
    ("fields=", "fields", "Unknown field ``."),
    ("fields=title,", "fields", "Unknown field ``."),
    ("fields=title&fields=pages", "fields", "Given more than once."),
    ("include=autor", "include", "Unknown field `autor`. Did you mean `author`?"),
    ("include=author_id", "include", "Unknown field `author_id`. Did you mean `author`?"),
    ("include=author&include=author", "include", "Given more than once."),
    ("feilds=title", "feilds", "Unknown field. Did you mean `fields`?"),
    ("includ=author", "includ", "Unknown field. Did you mean `include`?"),
]


@pytest.mark.parametrize("path", ["books", "books/2"])
def test_choice_that_cannot_be_had_is_named(
    library: Library, path: str, subtests: pytest.Subtests
) -> None:
    """An unknown name is 400 with a pointer to the parameter, and with the name that is like it."""
    for query, parameter, message in WRONG:
        with subtests.test(query=query):
            answer = library.ask(f"{path}?{query}")
            assert answer.status_code == 400
            assert answer.json is not None
            code = "unknown-field" if message.startswith("Unknown") else "invalid"
            assert answer.json["errors"] == [
                {"pointer": f"/query/{parameter}", "code": code, "message": message}
            ]


def test_every_unknown_name_is_named(library: Library) -> None:
    """Several names of one parameter, and both parameters, are told about at once."""
    answer = library.ask("books?fields=x,title,y&include=z")
    assert answer.json is not None
    assert [(item["pointer"], item["message"]) for item in answer.json["errors"]] == [
        ("/query/fields", "Unknown field `x`."),
        ("/query/fields", "Unknown field `y`."),
        ("/query/include", "Unknown field `z`."),
    ]


def test_operation_offers_what_it_declares(library: Library) -> None:
    """A query of its own goes with `fields`; without relations, or without a choice, 400."""
    shelf = library.ask("shelves/2?colour=red&fields=title")
    assert shelf.json == {"id": BOOK["id"], "title": "Book 2"}
    for path in ("shelves/2?include=author", "shelves/2?size=1", "days?fields=id"):
        assert library.ask(path).status_code == 400


FAULTY = [
    ('of=of, into="people"', 'of="writer", into="people"', "no field 'writer' to include 'author'"),
    ("library.people", "library.persons", "the permission library.persons, which is not declared"),
    ("page(BookPageSchema,", "page(BookSchema,", "BookSchema needs `items`"),
]


@pytest.mark.parametrize(("sound", "faulty", "reason"), FAULTY)
def test_choice_that_can_never_be_had_is_refused_at_boot(
    packages: PluginPackages, degraded: Degraded, sound: str, faulty: str, reason: str
) -> None:
    """A relation without its field or permission, and a page without items, name what is wrong."""
    assert sound in PLUGIN
    packages.add("library", plugin=PLUGIN.replace(sound, faulty), api_prefix="library")
    with degraded("library") as app:
        (fault,) = app.extensions["meishi"].plugins.faults()
    assert fault.name == "library"
    assert reason in fault.reason


def test_document_says_what_can_be_chosen(library: Library) -> None:
    """Names of both parameters are listed, partial answers described, and all examples valid."""
    document = library.client.get("/api/openapi.json").json
    assert document is not None
    for path in (f"{LIBRARY}/books", f"{LIBRARY}/books/{{number}}"):
        given = document["paths"][path]["get"]["parameters"]
        parameters = {item["name"]: item for item in given if "name" in item}
        assert parameters["fields"]["schema"]["items"]["enum"] == FIELDS
        assert parameters["include"]["schema"]["items"]["enum"] == ["author", "readers"]
        assert parameters["fields"]["explode"] is parameters["include"]["explode"] is False
    parameters = document["paths"][f"{LIBRARY}/shelves/{{number}}"]["get"]["parameters"]
    named = [item["name"] for item in parameters if "name" in item]
    assert named == ["colour", "fields"]
    listed = document["paths"][f"{LIBRARY}/books"]["get"]["responses"]["200"]
    assert "Link" in listed["headers"]
    assert document["components"]["schemas"]["Book"]["required"]
    assert document["components"]["schemas"]["BookPart"]["required"] == ["id"]
    assert list(route_document_faults(library.app, "library")) == []
