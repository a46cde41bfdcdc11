"""Plugins that boot well and fail later: what the client gets, and whom the log names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.logs import logger
from meishi.sdk.context import service
from meishi.settings import load_settings
from meishi.testing.fixtures import found_workspace

from .broken_plugin import BrokenPlugin
from .conftest import Install

INTERNAL_ERROR = {
    "type": "urn:meishi:problem:internal-error",
    "title": "Internal error",
    "status": 500,
    "detail": "Something went wrong on our side; it was recorded.",
}

LISTENER = BrokenPlugin(
    what="its handler raises inside the transaction of another plugin",
    plugin="""
from crm_contacts.contract import ContactCreated
def on_contact_created(events):
    raise RuntimeError("password=hunter2")
@hookimpl
def event_handlers():
    return [on(ContactCreated, on_contact_created, mode="in_transaction")]
""",
    manifest={"events": {"consumes": ["contact.created.v1"]}, "requires": {"crm_contacts": "*"}},
    reason="RuntimeError: password=hunter2",
)

CONTRACT = BrokenPlugin(
    what="its service raises an error that its contract does not declare",
    plugin="""
from meishi.sdk.context import service
class Lost(DomainError):
    code, title, status = "note-lost", "Lost", 404
class Notes(Protocol):
    @query()
    def count(self) -> int: ...
class NoteService:
    def __init__(self, context): ...
    def count(self):
        raise Lost("password=hunter2")
@hookimpl
def services():
    return [Service(Notes, NoteService)]
@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]
blueprint = Blueprint("notes", description="")
@blueprint.route("/count")
class Count(MethodView):
    @blueprint.requires("read")
    def get(self):
        return {"count": service(Notes).count()}
@hookimpl
def routes():
    return [blueprint]
""",
    manifest={"api_prefix": "notes"},
    reason="notes: count failed",
)

Log = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Return what the host has logged; its logger keeps the stream that it begins with."""
    logger.cache_clear()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logger.cache_clear()


def boot(database: Location, *names: str) -> Flask:
    """Boot a degraded host with these plugins, all of which are sound at boot."""
    overrides = {"deployment": "test", "plugins": names}
    app = create_app(load_settings(overrides=overrides), location=database)
    assert app.extensions["meishi"].plugins.faults() == []
    return app


def test_a_handler_that_raises_fails_the_request_and_is_named(
    install: Install, database: Location, log: Log
) -> None:
    """The client learns nothing of it, nothing is stored, and the log names the listener."""
    app = boot(database, "crm_contacts", *install(LISTENER))
    with closing(app.extensions["meishi"]) as host:
        client, headers = app.test_client(), found_workspace(host, "one").headers
        contact = {"name": {"full": "Ada"}}
        answer = client.post("/api/v1/contacts", json=contact, headers=headers)
        assert answer.json == {**INTERNAL_ERROR, "instance": "/api/v1/contacts"}
        assert client.get("/api/v1/contacts", headers=headers).json["items"] == []  # type: ignore[index]
        assert client.get("/neighbour").text == "at home"
    (line,) = log()
    assert (line["event"], line["plugin"]) == ("unexpected_error", "notes")
    assert UUID(line["correlation"]).version == 7
    assert LISTENER.reason in line["exception"]
    assert "notes failed while it handled contact.created.v1" in line["exception"]


def test_an_error_that_no_contract_declares_fails_the_request_and_is_named(
    install: Install, database: Location, log: Log
) -> None:
    """What would be a 404 with words of its own is a fault of the plugin, and told as such."""
    app = boot(database, *install(CONTRACT))
    with closing(app.extensions["meishi"]) as host:
        client, headers = app.test_client(), found_workspace(host, "one").headers
        answer = client.get("/api/v1/notes/count", headers=headers)
        assert answer.json == {**INTERNAL_ERROR, "instance": "/api/v1/notes/count"}
        assert client.get("/neighbour").text == "at home"
    (line,) = log()
    told = {key: line[key] for key in ("event", "plugin", "code", "error", "path")}
    assert told == {
        "event": "undeclared_error",
        "plugin": "notes",
        "code": "'note-lost'",
        "error": CONTRACT.reason,
        "path": "/api/v1/notes/count",
    }


def test_what_broke_in_a_plugin_is_told_to_operators_alone(
    install: Install, database: Location
) -> None:
    """Members of a workspace see that it is broken; an exception may tell secrets."""
    broken = BrokenPlugin(
        what="it raises while it is imported",
        plugin="raise RuntimeError('password=hunter2')",
        reason="importing notes.plugin raised RuntimeError('password=hunter2')",
    )
    overrides = {"deployment": "test", "plugins": install(broken)}
    app = create_app(load_settings(overrides=overrides), location=database)
    with closing(app.extensions["meishi"]) as host:
        client, workspace = app.test_client(), found_workspace(host, "one")
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(user_id=workspace.owner_id, name="op", operator=True)
        operator = {"Authorization": f"Bearer {token.secret}"}
        told = [
            client.get("/api/v1/plugins/notes", headers=headers).get_json()
            for headers in (workspace.headers, operator)
        ]
        assert [item["state"] for item in told] == ["broken", "broken"]
        assert [item["reason"] for item in told] == [
            "those who operate Meishi see why",
            broken.reason,
        ]
        path = "/api/v1/plugins/notes/disable"
        refused = client.post(path, json={}, headers=workspace.headers).get_json()
        assert refused["detail"] == "notes is broken: those who operate Meishi see why."
