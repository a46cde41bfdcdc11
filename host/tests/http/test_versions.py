"""Versions of a plugin's API beside each other, and operations that are on their way out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from meishi.host import Host
from meishi.http.deprecation import Deprecation
from meishi.http.mounting import take_out_unservable
from meishi.lifecycle.loading import load_plugins
from meishi.lifecycle.states import PluginState
from meishi.logs import logger
from meishi.settings import load_settings
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded

PREAMBLE = """
from datetime import date, datetime

from flask.views import MethodView
from marshmallow import fields

from meishi.sdk.contract import DomainError
from meishi.sdk.http import Blueprint, Deprecation, ResourceSchema
from meishi.sdk.plugin import Permission, hookimpl

@hookimpl
def permissions():
    return [Permission(name="read", title="Read"), Permission(name="write", title="Write")]

class NoteMissing(DomainError):
    code, title, status = "note-missing", "Note missing", 404

class NoteV1Schema(ResourceSchema):
    text = fields.String(required=True)

class NoteV2Schema(ResourceSchema):
    body = fields.String(required=True)
"""

NOTES = '''
first = Blueprint("notes", description="Notes")
second = Blueprint("notes", description="Notes", version=2)

@hookimpl
def routes():
    return [first, second]

@first.route("/notes/<uuid:note_id>")
@first.deprecated(
    since=date(2020, 1, 1),
    sunset=date(2020, 2, 1),
    link="https://example.com/notes-v2",
    successor="/api/v2/notes/notes",
)
class Note(MethodView):
    @first.requires("read")
    @first.response(200, NoteV1Schema)
    def get(self, note_id):
        """Return a note."""
        if note_id.int == 0:
            raise NoteMissing("There is no such note.")
        return {"text": "old"}

    @first.requires("write")
    @first.unconditional("Notes have no version.")
    @first.response(204)
    def delete(self, note_id):
        """Delete a note."""

@first.route("/tags")
class Tags(MethodView):
    @first.requires("read")
    @first.response(200, NoteV1Schema)
    def get(self):
        """Return the tags."""
        return {"text": "tags"}

    @first.requires("write")
    @first.deprecated(since=date(2020, 1, 1))
    @first.unconditional("Tags have no version.")
    @first.response(204)
    def delete(self):
        """Delete all tags."""

@second.route("/notes/<uuid:note_id>")
class NextNote(Note):
    @second.requires("read")
    @second.response(200, NoteV2Schema)
    def get(self, note_id):
        """Return a note."""
        return {"body": "new"}
'''

V1, V2 = "/api/v1/notes", "/api/v2/notes"
ONE = "/notes/01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
NONE = "/notes/00000000-0000-0000-0000-000000000000"
DEPRECATION, SUNSET = "@1577836800", "Sat, 01 Feb 2020 00:00:00 GMT"
LINKS = [
    '<https://example.com/notes-v2>; rel="deprecation"',
    '</api/v2/notes/notes>; rel="successor-version"',
]


class Notes:
    """The API of the plugin, in a workspace."""

    def __init__(self, app: Flask, workspace: WorkspaceUnderTest) -> None:
        self.client = app.test_client()
        self.headers = workspace.headers

    def ask(self, path: str, method: str = "get", **options: Any) -> TestResponse:
        """Ask for a path."""
        return self.client.open(path, method=method, headers=self.headers, **options)

    def operations(self) -> dict[str, dict[str, Any]]:
        """Return the plugin's operations in the OpenAPI document."""
        document = self.client.get("/api/openapi.json").json
        assert document is not None
        return {
            f"{method} {path}": operation
            for path, item in document["paths"].items()
            if path.split("/")[3] == "notes"
            for method, operation in item.items()
            if method != "parameters"
        }


@pytest.fixture
def notes(packages: PluginPackages, degraded: Degraded) -> Iterator[Notes]:
    """A plugin of which one resource has a second version."""
    packages.add("notes", plugin=PREAMBLE + NOTES, api_prefix="notes")
    with degraded("notes") as app:
        host: Host = app.extensions["meishi"]
        assert host.plugins.faults() == []
        yield Notes(app, found_workspace(host, "one"))


Said = tuple[str | None, str | None, list[str]]


def said(answer: TestResponse) -> Said:
    """Return what an answer says of its operation's end."""
    headers = answer.headers
    return headers.get("Deprecation"), headers.get("Sunset"), headers.getlist("Link")


def test_a_resource_has_two_versions_while_others_stay(notes: Notes) -> None:
    """Each version is served at its own address; what has no second one is not there."""
    assert notes.ask(V1 + ONE).json == {"text": "old"}
    assert notes.ask(V2 + ONE).json == {"body": "new"}
    assert notes.ask(f"{V1}/tags").status_code == 200
    assert notes.ask(f"{V2}/tags").status_code == 404
    assert notes.ask(f"/api/v3/notes{ONE}").status_code == 404
    assert notes.ask("/api/v1/contacts").status_code == 200
    assert notes.ask("/api/v2/contacts").status_code == 404


def test_every_answer_of_a_deprecated_view_says_so(notes: Notes) -> None:
    """Days, and where to go on; also HEAD, problems, and whoever is not let in."""
    expected = (DEPRECATION, SUNSET, LINKS)
    assert said(notes.ask(V1 + ONE)) == expected
    assert said(notes.ask(V1 + ONE, "head")) == expected
    assert said(notes.ask(V1 + ONE, "delete")) == expected
    missing = notes.ask(V1 + NONE)
    assert (missing.status_code, said(missing)) == (404, expected)
    stranger = notes.client.get(V1 + ONE)
    assert (stranger.status_code, said(stranger)) == (401, expected)
    assert (notes.ask(V1 + ONE, query_string="x=1").status_code) == 400


def test_nothing_else_is_said_to_be_deprecated(notes: Notes) -> None:
    """A single operation is, without its neighbour; a view that inherits from one is not."""
    nothing: Said = (None, None, [])
    assert said(notes.ask(f"{V1}/tags", "delete")) == (DEPRECATION, None, [])
    assert said(notes.ask(f"{V1}/tags")) == nothing
    assert said(notes.ask(V2 + ONE)) == nothing
    assert said(notes.ask(V2 + ONE, "delete")) == nothing
    assert said(notes.ask("/api/v1/contacts"))[:2] == nothing[:2]


def test_an_operation_answers_after_its_sunset(notes: Notes) -> None:
    """A date is no switch: clients that read nothing do not fail overnight."""
    assert notes.ask(V1 + ONE).status_code == 200


def test_one_document_describes_all_versions(notes: Notes) -> None:
    """Names stay what they were and are unique; what is deprecated is marked, and only that."""
    found = notes.operations()
    assert {name: operation["operationId"] for name, operation in found.items()} == {
        f"get {V1}/notes/{{note_id}}": "notes_notes_note_id_get",
        f"delete {V1}/notes/{{note_id}}": "notes_notes_note_id_delete",
        f"get {V1}/tags": "notes_tags_get",
        f"delete {V1}/tags": "notes_tags_delete",
        f"get {V2}/notes/{{note_id}}": "notes_notes_note_id_get_v2",
        f"delete {V2}/notes/{{note_id}}": "notes_notes_note_id_delete_v2",
    }
    deprecated = {name for name, operation in found.items() if operation.get("deprecated")}
    assert deprecated == {
        f"get {V1}/notes/{{note_id}}",
        f"delete {V1}/notes/{{note_id}}",
        f"delete {V1}/tags",
    }
    old = found[f"get {V1}/notes/{{note_id}}"]
    assert old["x-sunset"] == "2020-02-01"
    for response in old["responses"].values():
        assert {"Deprecation", "Sunset", "Link"} <= set(response["headers"])
    other = found[f"get {V1}/tags"]["responses"]["200"]
    assert "Deprecation" not in other.get("headers", {})


def test_use_of_what_is_deprecated_is_logged_once(
    notes: Notes, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for an operation in each process, with its plugin and the day."""
    logger.cache_clear()  # it keeps the stream that it begins with
    for _ in range(3):
        notes.ask(V1 + ONE)
        notes.ask(f"{V1}/tags")
    logger.cache_clear()
    lines = [line for line in capsys.readouterr().err.splitlines() if "deprecated" in line]
    assert len(lines) == 1
    assert f"GET {V1}/notes/<uuid:note_id>" in lines[0]
    assert SUNSET in lines[0]


DAY, LATER = date(2026, 11, 1), date(2026, 12, 1)
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"since": LATER, "sunset": DAY}, "has its sunset (2026-11-01) before it is deprecated"),
    ({"since": "2026-11-01"}, "is deprecated with since='2026-11-01', which is no date"),
    ({"since": None}, "is deprecated with since=None, which is no date"),
    ({"since": datetime(2026, 11, 1, tzinfo=UTC)}, "which is no date"),
    ({"since": DAY, "sunset": 1}, "is deprecated with sunset=1, which is no date"),
    ({"since": DAY, "link": "see docs"}, "with link='see docs', which is no address"),
    ({"since": DAY, "link": "https://a/>; rel=x"}, "which is no address"),
    ({"since": DAY, "successor": "/a\r\nX: y"}, "which is no address"),
]


@pytest.mark.parametrize(("values", "fault"), FAULTS)
def test_nonsense_about_an_end_is_named(values: dict[str, Any], fault: str) -> None:
    """Days that are none, in the wrong order, and addresses that lead nowhere."""
    (found,) = Deprecation(**values).faults()
    assert fault in found


def test_a_sound_end_has_no_faults() -> None:
    """It may come on the day itself, and lead to a page with anything an address may have."""
    page = "https://example.com/a-b_c~d/%C3%A9?x=[1]&y=2#z"
    sound = Deprecation(since=DAY, sunset=DAY, link=page, successor="/api/v2/notes")
    assert [*sound.faults()] == []


def refused(packages: PluginPackages, code: str) -> str:
    """Return why a plugin with this code is broken."""
    routes = "\n@hookimpl\ndef routes():\n    return [blueprint]\n"
    packages.add("notes", plugin=PREAMBLE + code + routes, api_prefix="notes")
    plugins = load_plugins(load_settings(environment={}, overrides={"plugins": ("notes",)}))
    take_out_unservable(plugins)
    status = plugins.statuses["notes"]
    assert status.state is PluginState.BROKEN
    return status.reason


NONSENSE = "since=date(2026, 12, 1), sunset=date(2026, 11, 1)"
VIEW = '''
blueprint = Blueprint("notes", description="Notes", version=2{around})

{of_view}
@blueprint.route("/x")
class View(MethodView):
    {of_operation}
    @blueprint.requires("read")
    def get(self):
        """Return."""
'''


@pytest.mark.parametrize(
    "places",
    [
        {"around": f", deprecation=Deprecation({NONSENSE})"},
        {"of_view": f"@blueprint.deprecated({NONSENSE})"},
        {"of_operation": f"@blueprint.deprecated({NONSENSE})"},
    ],
)
def test_nonsense_is_refused_at_boot_wherever_it_stands(
    places: dict[str, str], packages: PluginPackages
) -> None:
    """The reason names the operation."""
    code = VIEW.format(**{"around": "", "of_view": "", "of_operation": ""} | places)
    assert refused(packages, code).startswith(f"GET {V2}/x has its sunset (2026-11-01) before")


@pytest.mark.parametrize("version", ["0", "-1", "'2'", "1.5", "True", "None"])
def test_version_that_is_none_is_refused_at_boot(version: str, packages: PluginPackages) -> None:
    """Versions are whole numbers from 1 on; the reason names the blueprint."""
    code = f'blueprint = Blueprint("notes", description="Notes", version={version})'
    reason = f"the blueprint notes has the version {version}; versions are whole numbers from 1 on"
    assert refused(packages, code) == reason


def test_a_method_is_served_once_in_a_version(packages: PluginPackages) -> None:
    """Twice is refused, as ever; the path says in which version."""
    code = VIEW.format(around="", of_view="", of_operation="")
    assert refused(packages, f'{code}\nblueprint.route("/x")(View)\n') == (
        f"GET {V2}/x is declared twice"
    )


def test_days_begin_in_utc() -> None:
    """The examples of the RFCs' kinds of dates: seconds since 1970, and an HTTP date."""
    found = Deprecation(since=date(1970, 1, 2), sunset=date(2018, 11, 11))
    assert [*found.headers()] == [
        ("Deprecation", "@86400"),
        ("Sunset", "Sun, 11 Nov 2018 00:00:00 GMT"),
    ]
