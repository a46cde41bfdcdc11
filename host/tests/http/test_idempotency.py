"""Idempotency-Key: what is sent twice is done once, whoever asks, however often and when."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import ContactCreated
from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.core.identity.repository import workspaces as repository
from meishi.database.location import Location
from meishi.events.housekeeping import Housekeeping
from meishi.events.notices import Notices
from meishi.host import Host
from meishi.http import idempotency
from meishi.sdk.context import service
from meishi.sdk.plugin import DeliveryMode, on
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

from .conftest import IssueToken

CONTACTS = "/api/v1/contacts"
IMPORTS = f"{CONTACTS}/imports"
ADA = {"name": {"full": "Ada"}}
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n"

Post = Callable[..., TestResponse]


@pytest.fixture
def post(client: FlaskClient, workspace: WorkspaceUnderTest) -> Post:
    """Create a contact under a key, or make another POST under it."""

    def send(
        key: str,
        json: Any = ADA,
        *,
        path: str = CONTACTS,
        of: WorkspaceUnderTest = workspace,
        secret: str | None = None,
        **options: Any,
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret or of.token}", "Idempotency-Key": key}
        body = options if "data" in options else options | {"json": json}
        return client.post(path, headers=headers, **body)

    return send


def count(client: FlaskClient, workspace: WorkspaceUnderTest, path: str = CONTACTS) -> int:
    """Return how many contacts a workspace has."""
    answer = client.get(f"{path}?total=true", headers=workspace.headers)
    assert answer.json is not None
    return int(answer.json["total"])


def kind(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.json is not None
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def test_the_same_request_again_is_answered_as_the_first_time(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Status, headers and body are the same, and nothing is done a second time."""
    first, again = post("k-1"), post('"k-1"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    for name in ("Location", "ETag", "Content-Type", "Cache-Control"):
        assert again.headers.getlist(name) == first.headers.getlist(name) != []
    assert (first.headers.get(idempotency.REPLAYED), again.headers[idempotency.REPLAYED]) == (
        None,
        "true",
    )
    assert count(client, workspace) == 1


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (CONTACTS, {"json": {"name": {"full": "Bob"}}}),
        (f"{CONTACTS}?", {"data": b'{"name": {"full": "Ada"}}', "content_type": "application/x"}),
        (IMPORTS, {"json": ADA}),
        (f"{CONTACTS}?x=1", {"json": ADA}),
    ],
    ids=["body", "media type", "route", "query"],
)
def test_a_key_stands_for_one_request(
    post: Post,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    path: str,
    options: dict[str, Any],
) -> None:
    """Under the key of another request nothing is done, and the caller is told."""
    assert post("k").status_code == 201
    assert kind(post("k", path=path, **options)) == (422, "idempotency-key-reused")
    assert count(client, workspace) == 1


def test_a_key_belongs_to_a_user_in_a_workspace(
    post: Post,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
) -> None:
    """The same key of somebody else is another one, and shows nothing of the first."""
    first, other = post("k"), post("k", of=other_workspace)
    assert other.status_code == 201
    assert other.headers.get(idempotency.REPLAYED) is None
    assert first.json is not None
    assert other.json is not None
    assert first.json["id"] != other.json["id"]
    assert (count(client, workspace), count(client, other_workspace)) == (1, 1)


def test_members_of_one_workspace_have_keys_of_their_own(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """What a colleague was answered under a key is nobody else's to read, nor in their way."""
    with workspace.acting_as("identity"):
        colleague = repository.user_by_email(
            new_id=workspace.host.new_id(), email="eve@example.org", name="Eve"
        ).id
        repository.add_membership(workspace_id=workspace.id, user_id=colleague, role="member")
        token = service(Tokens).issue(user_id=colleague, name="hers")
    theirs = replace(workspace, owner_id=colleague, token=token.secret)
    first, other = post("k"), post("k", of=theirs)
    assert (other.status_code, other.headers.get(idempotency.REPLAYED)) == (201, None)
    assert other.data != first.data
    assert count(client, workspace) == 2


def test_one_user_has_other_keys_in_another_workspace(
    post: Post, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """What they were answered in the one is not shown in the other."""
    with other_workspace.acting_as("identity"):
        repository.add_membership(
            workspace_id=other_workspace.id, user_id=workspace.owner_id, role="member"
        )
        token = service(Tokens).issue(user_id=workspace.owner_id, name="elsewhere")
    elsewhere = replace(other_workspace, owner_id=workspace.owner_id, token=token.secret)
    first, other = post("k"), post("k", of=elsewhere)
    assert (other.status_code, other.headers.get(idempotency.REPLAYED)) == (201, None)
    assert other.data != first.data


def test_an_answer_is_shown_again_to_who_may_still_ask(post: Post, issue_token: IssueToken) -> None:
    """A token without the permission reads nothing by a key, though it is of the same user."""
    assert post("k").status_code == 201
    secret = issue_token(frozenset({"contacts.read"}))["Authorization"].removeprefix("Bearer ")
    assert kind(post("k", secret=secret)) == (403, "forbidden")


@pytest.mark.parametrize("key", ["", '""', "two words", 'a"b', '"a', "é", "x" * 256])
def test_a_malformed_key_is_refused(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest, key: str
) -> None:
    """1 to 255 visible ASCII characters, in quotes or not; with anything else nothing is done."""
    assert kind(post(key)) == (400, "bad-request")
    assert count(client, workspace) == 0


def test_a_key_may_be_any_visible_text(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """No character of it means anything to the database."""
    keys = ["x" * 255, "it's", "\\x00';DROP", "%(key)s", "{status}", "$1"]
    for key in keys * 2:
        assert post(key).status_code == 201
    assert count(client, workspace) == len(keys)


def test_errors_are_not_kept(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """A request that failed has done nothing, so its key is free for the next attempt."""
    assert post("k", {"name": {}}).status_code == 422
    assert post("k").status_code == 201
    assert count(client, workspace) == 1


def test_a_body_read_in_pieces_counts(
    post: Post, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """An upload is known again by its octets, though no view holds them all."""
    large = CARD * 4000
    options: dict[str, Any] = {"path": IMPORTS, "content_type": "text/vcard"}
    first, again = post("k", data=large, **options), post("k", data=large, **options)
    assert (first.status_code, again.data) == (201, first.data)
    assert again.headers[idempotency.REPLAYED] == "true"
    other = post("k", data=large[:-2] + b"\n\n", **options)
    assert kind(other) == (422, "idempotency-key-reused")
    listed = client.get(IMPORTS, headers=workspace.headers).json
    assert listed is not None
    assert len(listed["items"]) == 1


def test_a_post_without_a_body_is_done_once(post: Post) -> None:
    """What a route does not read has no part in whether its requests can be repeated."""
    made = post("k-1").json
    assert made is not None
    path = f"{CONTACTS}/{made['id']}/restore"
    answers = [post("k-2", path=path, data=b"") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers[idempotency.REPLAYED] == "true"


def test_an_answer_too_large_to_be_kept_undoes_the_request(
    post: Post,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rather nothing is done than something that could be done twice."""
    monkeypatch.setattr(idempotency, "MAX_BODY", 100)
    assert kind(post("k")) == (422, "answer-not-kept")
    assert count(client, workspace) == 0


def test_answers_are_kept_for_a_day(
    post: Post,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    host: Host,
    database: Location,
) -> None:
    """After it a key is as good as new, and the answers of all workspaces go, no younger ones."""
    post("k", of=workspace)
    post("k", of=other_workspace)
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as admin:
        admin.execute("UPDATE meishi_requests.answer SET at = at - interval '25 hours'")
        admin.commit()
        assert post("k").status_code == 201
        assert count(client, workspace) == 2
        post("young")
        Housekeeping(host, Notices(host.settings.log_level), lambda: 0.0).step(0)
        rows = admin.execute("SELECT key, workspace_id FROM meishi_requests.answer ORDER BY key")
        assert rows.fetchall() == [("k", workspace.id), ("young", workspace.id)]


def test_identical_posts_at_once_have_one_effect(
    app: Flask, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Of many at the same time one is done; the others get its answer, or are told to wait."""
    barrier = threading.Barrier(8)

    def send(_: int) -> TestResponse:
        own = app.test_client()
        barrier.wait()
        headers = {**workspace.headers, "Idempotency-Key": "k"}
        return own.post(CONTACTS, json=ADA, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for _ in range(4) for answer in pool.map(send, range(8))]
    assert count(client, workspace) == 1
    found = Counter(answer.status_code for answer in answers)
    assert set(found) <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in done if idempotency.REPLAYED not in answer.headers]) == 1
    assert len({answer.data for answer in done}) == 1


def test_a_request_that_is_at_work_holds_nobody_up(
    database: Location, meishi_settings: Settings
) -> None:
    """While the first one runs, a second is told so at once; a third finds the answer."""
    at_work, go_on = threading.Event(), threading.Event()

    def listen(_: object) -> None:
        at_work.set()
        assert go_on.wait(30)

    app = create_app(meishi_settings, location=database)
    host: Host = app.extensions["meishi"]
    workspace = found_workspace(host, "one")
    host.signals.connect("qr", on(ContactCreated, listen, mode=DeliveryMode.IN_TRANSACTION))

    def send() -> TestResponse:
        headers = {**workspace.headers, "Idempotency-Key": "k"}
        return app.test_client().post(CONTACTS, json=ADA, headers=headers)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send)
        assert at_work.wait(30)
        second = send()
        go_on.set()
        assert first.result().status_code == 201
    assert kind(second) == (409, "request-in-progress")
    assert int(second.headers["Retry-After"]) > 0
    assert send().data == first.result().data
    host.close()
