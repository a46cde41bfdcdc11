"""Whom a token belongs to is remembered for a moment, and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.database.location import Location
from meishi.http.callers import Caller, Callers
from meishi.http.problems import Unauthenticated
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IssueToken

CONTACTS = "/api/v1/contacts"
REVOKE = "UPDATE identity.api_token SET revoked_at = now()"
RESTORE = "UPDATE identity.api_token SET revoked_at = NULL"
ChangeIdentity = Callable[[str], None]


class Watch:
    """A clock that a test moves on, and the callers that go by it."""

    def __init__(self, workspace: WorkspaceUnderTest, capacity: int = 10) -> None:
        self.now = 100.0
        self._host = workspace.host
        self._callers = Callers(
            self._host, seconds=0.5, elapsed=lambda: self.now, capacity=capacity
        )

    def identify(self, header: str) -> Caller:
        """Return who calls, asked in a unit of work of its own."""
        with self._host.scope():
            return self._callers.identify(header)


@contextmanager
def _client(settings: Settings, location: Location) -> Iterator[FlaskClient]:
    app = create_app(settings, location=location)
    yield app.test_client()
    app.extensions["meishi"].close()


def test_a_revoked_token_is_refused_after_a_moment(
    meishi_settings: Settings,
    database: Location,
    workspace: WorkspaceUnderTest,
    change_identity: ChangeIdentity,
) -> None:
    """It may be let in for half a second more; what is given back works again at once."""
    settings = replace(meishi_settings, token_memory_milliseconds=500)
    with _client(settings, database) as client:
        assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
        change_identity(REVOKE)
        assert any(_is_refused(client, workspace) for _ in range(500))
        change_identity(RESTORE)
        assert client.get(CONTACTS, headers=workspace.headers).status_code == 200


def _is_refused(client: FlaskClient, workspace: WorkspaceUnderTest) -> bool:
    """Tell whether a request is refused now; the limit of requests is not what refuses it."""
    time.sleep(0.02)
    return client.get(CONTACTS, headers=workspace.headers).status_code == 401


def test_a_caller_is_known_for_half_a_second(
    workspace: WorkspaceUnderTest, change_identity: ChangeIdentity
) -> None:
    """The memory ends by itself, however often the caller is asked for meanwhile."""
    watch, header = Watch(workspace), workspace.headers["Authorization"]
    found = watch.identify(header)
    assert found.workspace == workspace.id
    change_identity(REVOKE)
    for watch.now in (100.3, 100.499):
        assert watch.identify(header) == found
    watch.now = 100.5
    with pytest.raises(Unauthenticated):
        watch.identify(header)


def test_rights_that_were_taken_away_are_gone_with_the_memory(
    workspace: WorkspaceUnderTest, change_identity: ChangeIdentity
) -> None:
    """What is remembered includes what the caller may do."""
    watch, header = Watch(workspace), workspace.headers["Authorization"]
    assert "contacts.write" in watch.identify(header).actor.permissions
    change_identity("UPDATE identity.membership SET role = 'viewer'")
    watch.now += 0.5
    assert "contacts.write" not in watch.identify(header).actor.permissions


def test_who_is_unknown_is_asked_for_each_time(
    workspace: WorkspaceUnderTest, change_identity: ChangeIdentity
) -> None:
    """A token that becomes valid works at once."""
    watch, header = Watch(workspace), workspace.headers["Authorization"]
    change_identity(REVOKE)
    with pytest.raises(Unauthenticated):
        watch.identify(header)
    change_identity(RESTORE)
    assert watch.identify(header).workspace == workspace.id


def test_two_tokens_are_two_callers(workspace: WorkspaceUnderTest, issue_token: IssueToken) -> None:
    """Nobody is taken for another."""
    watch = Watch(workspace)
    headers = [workspace.headers["Authorization"], issue_token()["Authorization"]]
    first, second = (watch.identify(header) for header in headers)
    assert first.actor.token_id != second.actor.token_id
    assert [watch.identify(header) for header in headers] == [first, second]


def test_who_was_found_out_first_is_forgotten_first(
    workspace: WorkspaceUnderTest, issue_token: IssueToken, change_identity: ChangeIdentity
) -> None:
    """The memory holds so many and no more."""
    watch = Watch(workspace, capacity=2)
    headers = [issue_token()["Authorization"] for _ in range(3)]
    for header in headers:
        watch.identify(header)
    change_identity(REVOKE)
    with pytest.raises(Unauthenticated):
        watch.identify(headers[0])
    for header in headers[1:]:
        watch.identify(header)


def test_without_a_memory_a_revoked_token_is_refused_with_the_next_request(
    meishi_settings: Settings,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    change_identity: ChangeIdentity,
) -> None:
    """`token_memory_milliseconds = 0`, as in tests, asks for each request."""
    assert meishi_settings.token_memory_milliseconds == 0
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    change_identity(REVOKE)
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 401
