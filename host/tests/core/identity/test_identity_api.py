"""Identity over HTTP: the workspace, its people, their tokens, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.sdk.context import service
from meishi.sdk.contract import Role
from meishi.testing.fixtures import WorkspaceUnderTest

Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, workspace: WorkspaceUnderTest) -> Ask:
    """Send a request about identity, as the owner unless another token is given."""

    def send(method: str, path: str, secret: str = workspace.token, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret}", **more.pop("headers", {})}
        return client.open(f"/api/v1/identity/{path}", method=method, headers=headers, **more)

    return send


@pytest.fixture
def token_of(workspace: WorkspaceUnderTest) -> Callable[[Role], tuple[str, str]]:
    """Return user and secret of a new one in the workspace, who has a role."""

    def issue(role: Role, scopes: frozenset[str] | None = None) -> tuple[str, str]:
        with workspace.acting_as("identity"):
            issued = service(Tokens).issue_service(name=role.value, role=role, scopes=scopes)
            found = next(item for item in service(Tokens).all() if item.id == issued.id)
        return str(found.user_id), issued.secret

    return issue


def kind(answer: TestResponse) -> tuple[int, str]:
    """Return status and type of a problem."""
    assert answer.json is not None, answer.text
    return answer.status_code, answer.json["type"].removeprefix("urn:meishi:problem:")


def test_workspace_is_renamed_by_who_has_read_it(ask: Ask, workspace: WorkspaceUnderTest) -> None:
    """Its entity tag serves for one change; the next one has to read it again."""
    read = ask("GET", "workspace")
    assert read.json == {"id": str(workspace.id), "slug": "one", "name": "one"}
    mine = {"If-Match": read.headers["ETag"]}
    renamed = ask("PATCH", "workspace", json={"name": "Number one"}, headers=mine)
    assert renamed.json == {"id": str(workspace.id), "slug": "one", "name": "Number one"}
    late = ask("PATCH", "workspace", json={"slug": "uno"}, headers=mine)
    assert kind(late) == (412, "version-mismatch")
    assert kind(ask("PATCH", "workspace", json={"slug": "uno"})) == (428, "precondition-required")


def test_slug_of_another_workspace_is_a_conflict(
    ask: Ask, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """The answer is 409, not a fault of the server."""
    slug = ask("GET", "workspace", other_workspace.token).json
    assert slug is not None
    wanted = {"slug": slug["slug"]}
    answer = ask("PATCH", "workspace", json=wanted, headers={"If-Match": "*"})
    assert kind(answer) == (409, "workspace-slug-taken")


def test_last_owner_is_neither_lowered_nor_taken_out(
    ask: Ask, workspace: WorkspaceUnderTest
) -> None:
    """What is refused leaves the list as it was; a change of nothing is none."""
    before = ask("GET", "members").json
    assert before is not None
    (item,) = before["items"]
    assert (item["id"], item["role"]) == (str(workspace.owner_id), "owner")
    path, anyway = f"members/{item['id']}", {"If-Match": "*"}
    for answer in (
        ask("PATCH", path, json={"role": "viewer"}, headers=anyway),
        ask("DELETE", path, headers=anyway),
    ):
        assert kind(answer) == (409, "last-owner")
    stale = ask("PATCH", path, json={"role": "admin"}, headers={"If-Match": '"1.0a"'})
    assert kind(stale) == (412, "version-mismatch")
    assert ask("PATCH", path, json={}, headers=anyway).json == item
    assert ask("GET", "members").json == before


def test_invitation_waits_until_it_is_taken_back(ask: Ask) -> None:
    """Somebody is invited as a member, and listed; an admin invites no owner."""
    made = ask("POST", "invitations", json={"email": "Anna@Example.com"})
    assert (made.status_code, made.json and made.json["email"]) == (201, "anna@example.com")
    listed = ask("GET", "invitations").json
    assert made.json is not None
    assert listed is not None
    assert listed["items"] == [made.json]
    assert made.json["role"] == "member"
    path = f"invitations/{made.json['id']}"
    assert [ask("DELETE", path).status_code for _ in range(2)] == [204, 404]
    wrong = ask("POST", "invitations", json={"email": "nobody"})
    assert kind(wrong) == (422, "invalid-account")


def test_role_above_ones_own_is_given_to_nobody(
    ask: Ask, workspace: WorkspaceUnderTest, token_of: Callable[..., tuple[str, str]]
) -> None:
    """An admin makes nobody an owner: no invited one, no service, no member."""
    _, admin = token_of(Role.ADMIN)
    for answer in (
        ask("POST", "invitations", admin, json={"email": "a@example.com", "role": "owner"}),
        ask("POST", "tokens", admin, json={"name": "t", "role": "owner"}),
        ask("DELETE", f"members/{workspace.owner_id}", admin, headers={"If-Match": "*"}),
    ):
        assert kind(answer) == (403, "role-above-own")


def test_token_is_shown_once_and_works_until_it_is_ended(ask: Ask) -> None:
    """The list has no secret; who has ended a token finds it no more."""
    made = ask("POST", "tokens", json={"name": "script", "scopes": ["identity.workspace.read"]})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert made.json is not None
    secret = made.json["secret"]
    account = ask("GET", "account", secret).json
    assert account is not None
    assert account["token_id"] == made.json["id"]
    assert (account["role"], account["permissions"]) == ("owner", ["identity.workspace.read"])
    listed = ask("GET", "tokens")
    assert secret not in listed.text
    assert listed.json is not None
    found = next(item for item in listed.json["items"] if item["id"] == made.json["id"])
    assert (found["name"], found["scopes"]) == ("script", ["identity.workspace.read"])
    assert [ask("DELETE", f"tokens/{made.json['id']}").status_code for _ in range(2)] == [204, 404]


def test_secret_of_a_token_is_not_kept_for_an_idempotency_key(ask: Ask) -> None:
    """A key is refused, and no token is made: only hashes of secrets are stored."""
    keyed = ask("POST", "tokens", json={"name": "t"}, headers={"Idempotency-Key": "k"})
    assert kind(keyed) == (422, "answer-not-kept")
    listed = ask("GET", "tokens").json
    assert listed is not None
    assert [item["name"] for item in listed["items"]] == ["test"]


def test_token_makes_none_that_may_do_more(
    ask: Ask, token_of: Callable[..., tuple[str, str]]
) -> None:
    """Scopes are no way around scopes, neither left out nor given to a service."""
    _, narrow = token_of(Role.OWNER, frozenset({"identity.tokens.own", "identity.tokens.manage"}))
    for wanted in (
        {},
        {"scopes": ["contacts.read"]},
        {"role": "viewer"},
        {"role": "viewer", "scopes": ["contacts.read"]},
    ):
        answer = ask("POST", "tokens", narrow, json={"name": "t", **wanted})
        assert kind(answer) == (422, "invalid-scopes")
    same = ask("POST", "tokens", narrow, json={"name": "t", "scopes": ["identity.tokens.own"]})
    assert same.status_code == 201


def test_token_makes_none_that_outlives_it(ask: Ask) -> None:
    """One that is good for ten days gives nobody eleven, by itself or to a service."""
    brief = ask("POST", "tokens", json={"name": "brief", "days": 10}).json
    assert brief is not None
    for wanted in ({}, {"days": 11}, {"days": 11, "role": "viewer"}):
        answer = ask("POST", "tokens", brief["secret"], json={"name": "t", **wanted})
        assert kind(answer) == (422, "invalid-account")
    less = ask("POST", "tokens", brief["secret"], json={"name": "t", "days": 9})
    assert less.status_code == 201


def test_tokens_of_others_are_there_for_who_manages_them_alone(
    ask: Ask, token_of: Callable[..., tuple[str, str]]
) -> None:
    """A member sees and ends their own tokens; those of others do not exist for them."""
    member, secret = token_of(Role.MEMBER)
    seen, everything = ask("GET", "tokens", secret).json, ask("GET", "tokens").json
    assert seen is not None
    assert everything is not None
    assert [item["user_id"] for item in seen["items"]] == [member]
    (theirs,) = (item["id"] for item in everything["items"] if item["user_id"] != member)
    assert kind(ask("DELETE", f"tokens/{theirs}", secret)) == (404, "token-not-found")
    refused = ask("POST", "tokens", secret, json={"name": "t", "role": "viewer"})
    assert kind(refused) == (403, "role-above-own")
    assert ask("DELETE", f"tokens/{seen['items'][0]['id']}").status_code == 204


def test_roles_and_permissions_are_told_as_they_are_granted(ask: Ask) -> None:
    """Both lists say the same; roles stand in their order."""
    roles, permissions = ask("GET", "roles").json, ask("GET", "permissions").json
    assert roles is not None
    assert permissions is not None
    assert [item["role"] for item in roles["items"]] == [role.value for role in Role]
    for item in roles["items"]:
        allowed = {it["name"] for it in permissions["items"] if item["role"] in it["roles"]}
        assert set(item["permissions"]) == allowed
