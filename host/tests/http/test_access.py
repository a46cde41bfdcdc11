from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .conftest import Headers, IssueToken

CONTACTS = "/api/v1/contacts"
#: `/metrics` is not there unless the settings name a token for it.
PUBLIC = {"/api/openapi.json", "/api/docs", "/health", "/metrics", "/static/<path:name>"}


def operations(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield method, rule and a path of every operation that is served."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
        for argument in rule.arguments:
            path = path.replace(f"<uuid:{argument}>", str(UUID(int=7))).replace(
                f"<int:{argument}>", "7"
            )
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield method, rule.rule, path


def test_only_what_is_public_answers_without_a_token(
    app: Flask, host: Host, client: FlaskClient
) -> None:
    """Whatever is mounted asks who calls; nothing is open by oversight."""
    answers = {
        (method, rule): client.open(path, method=method) for method, rule, path in operations(app)
    }
    pages = {page.rule for item in host.plugins.active() for page in item.public_pages}
    asked = {key for key, answer in answers.items() if answer.status_code == 401}
    led = {
        key
        for key, answer in answers.items()
        if answer.status_code == 303 and answer.location.split("?")[0] in {"/sign-in", "/setup"}
    }
    assert {rule for _, rule in answers.keys() - asked - led} == PUBLIC | pages
    assert len(answers) > len(PUBLIC) * 2


REFUSED = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer nonsense",
    "Bearer msh_unknown",
    "Bearer msh_ÿ\x01 msh_",
    "Basic bXNoXzphYmM=",
    "msh_unknown",
    "Bearer " + "msh_" * 10_000,
]


def test_header_that_carries_no_known_token_is_refused(
    client: FlaskClient, subtests: pytest.Subtests
) -> None:
    """A missing, malformed or unknown token is 401, with the scheme to use."""
    for header in REFUSED:
        with subtests.test(header=header[:20]):
            answer = client.get(CONTACTS, headers={"Authorization": header})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.json is not None
            assert answer.json["type"] == "urn:meishi:problem:unauthenticated"


def test_scheme_may_be_written_in_any_case(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """`bearer` and `BEARER` are the same scheme (RFC 9110, 11.1)."""
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {workspace.token}"}
        assert client.get(CONTACTS, headers=headers).status_code == 200


def test_expired_token_is_refused(client: FlaskClient, issue_token: IssueToken) -> None:
    """A token works up to its end and not beyond."""
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    expired, valid = issue_token(expires_at=now - hour), issue_token(expires_at=now + hour)
    assert client.get(CONTACTS, headers=expired).status_code == 401
    assert client.get(CONTACTS, headers=valid).status_code == 200


def test_token_with_a_scope_may_do_that_and_no_more(
    client: FlaskClient, issue_token: IssueToken
) -> None:
    """`contacts.read` reads contacts; it neither writes them nor sees cards."""
    headers = issue_token(frozenset({"contacts.read"}))
    assert client.get(CONTACTS, headers=headers).status_code == 200
    for method, path, needed in [
        ("POST", CONTACTS, "contacts.write"),
        ("POST", f"{CONTACTS}/imports", "contacts.write"),
        ("GET", "/api/v1/qr/cards", "qr.read"),
    ]:
        answer = client.open(path, method=method, headers=headers, json={"name": {"full": "Ada"}})
        assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
        assert answer.json is not None
        assert needed in answer.json["detail"]


def test_scope_gives_no_right_that_the_role_lacks(
    client: FlaskClient, issue_token: IssueToken, change_identity: Callable[[str], None]
) -> None:
    """A viewer's token with a writing scope is a viewer's all the same."""
    headers = issue_token(frozenset({"contacts.read", "contacts.write"}))
    change_identity("UPDATE identity.membership SET role = 'viewer'")
    assert client.get(CONTACTS, headers=headers).status_code == 200
    assert client.head(CONTACTS, headers=headers).status_code == 200
    refused: Headers = headers
    answer = client.post(CONTACTS, json={"name": {"full": "Ada"}}, headers=refused)
    assert answer.status_code == 403


def test_head_and_options_answer_without_a_body(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """HEAD is GET without its body; OPTIONS names the methods and tells nothing else."""
    head = client.head(CONTACTS, headers=workspace.headers)
    assert (head.status_code, head.data) == (200, b"")
    options = client.options(CONTACTS)
    assert (options.status_code, options.data) == (200, b"")
    assert options.allow == {"GET", "HEAD", "OPTIONS", "POST"}
