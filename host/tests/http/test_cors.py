from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.database.location import Location
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS = "/api/v1/contacts"
OURS, FOREIGN = {"Origin": "https://app.example.com"}, {"Origin": "https://evil.example"}
ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}


@pytest.fixture
def shared(meishi_settings: Settings, workspace: WorkspaceUnderTest) -> Iterator[FlaskClient]:
    """A client of an application whose API another origin may use."""
    settings = replace(meishi_settings, cors_origins=(OURS["Origin"],))
    location = Location(workspace.host.engine.url.render_as_string(hide_password=False), "")
    app = create_app(settings, location=location)
    yield app.test_client()
    app.extensions["meishi"].close()


def test_other_origins_have_no_part_by_default(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Without the setting no answer has a word for browsers of other origins."""
    answer = client.get(CONTACTS, headers=workspace.headers | OURS)
    preflight = client.options(CONTACTS, headers=OURS | ASKED)
    for found in (answer, preflight):
        assert not [name for name, _ in found.headers if name.startswith("Access-Control")]
        assert found.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_an_allowed_origin_may_ask_beforehand_without_a_token(shared: FlaskClient) -> None:
    """The preflight is answered before anybody asks who calls, also for what is not there."""
    for path in (CONTACTS, "/api/v1/nowhere"):
        answer = shared.options(path, headers=OURS | ASKED)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == OURS["Origin"]
        assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_an_allowed_origin_may_read_answers_and_problems(
    shared: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Headers that a program needs are exposed; every answer varies by origin."""
    for headers, status in ((workspace.headers, 200), ({}, 401)):
        answer = shared.get(CONTACTS, headers=headers | OURS)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == OURS["Origin"]
        assert {"ETag", "Link", "Retry-After"} <= set(
            answer.headers["Access-Control-Expose-Headers"].split(", ")
        )
        assert answer.headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"]
        assert "Origin" in answer.headers["Vary"]


def test_a_foreign_origin_gets_no_permission(
    shared: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Neither beforehand nor with the answer; what is cached says that it depends."""
    preflight = shared.options(CONTACTS, headers=FOREIGN | ASKED)
    answer = shared.get(CONTACTS, headers=workspace.headers | FOREIGN)
    for found in (preflight, answer):
        assert "Access-Control-Allow-Origin" not in found.headers
        assert "Origin" in found.headers["Vary"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_stay_as_they_are(shared: FlaskClient) -> None:
    """What is not the API is not shared with other origins."""
    answer = shared.get("/health", headers=OURS)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Vary" not in answer.headers


def test_browsers_are_told_to_be_careful(
    client: FlaskClient, meishi_settings: Settings, database: Location
) -> None:
    """The safe headers are there; who is reachable over TLS says that it stays so."""
    answer = client.get("/health")
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers
    app = create_app(
        replace(meishi_settings, public_url="https://cards.example.com"), location=database
    )
    answer = app.test_client().get("/health")
    app.extensions["meishi"].close()
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
