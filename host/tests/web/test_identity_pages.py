"""The entrance, one's account, and the people of a workspace, as a browser sees them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import text

from meishi.core.identity.contract import Setup
from meishi.http.cookies import SESSION_COOKIE
from meishi.sdk.contract import Role
from meishi.sdk.database import current_connection
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.types import Host

from .people import PASSWORD, Mails, sent, verified


def test_from_the_sign_up_to_a_workspace(stranger: Browser, mails: Mails) -> None:
    """Sign up, confirm, make a workspace, and be there."""
    verified(stranger, mails)
    assert stranger.get("/").location == "/identity/workspaces"
    assert "You are in no workspace" in stranger.get("/identity/workspaces").text
    made = sent(stranger, "/identity/workspaces", name="Acme <b>", slug="acme")
    assert made.status_code == 303
    page = stranger.get("/shelf")
    assert page.status_code == 200
    assert "Acme &lt;b&gt;" in page.text
    taken = sent(stranger, "/identity/workspaces", name="Acme", slug="acme")
    assert taken.status_code == 409
    assert 'value="acme"' in taken.text


def test_a_session_cannot_be_foisted_on_somebody(stranger: Browser, mails: Mails) -> None:
    """Who signs in has a session that nobody knew before, whatever cookie was there."""
    verified(stranger, mails)
    old = stranger.client.get_cookie(SESSION_COOKIE)
    assert old is not None
    sent(stranger, "/identity/sessions", page="/identity/sessions")
    stranger.client.set_cookie(SESSION_COOKIE, "planted")
    answer = sent(stranger, "/sign-in", email="anna@example.com", password=PASSWORD)
    assert answer.status_code == 303
    (line,) = [item for item in answer.headers.getlist("Set-Cookie") if SESSION_COOKIE in item]
    assert "planted" not in line
    assert old.value not in line
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in line


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/shelf?book=1", "/shelf?book=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_sign_in_leads_to_this_site_alone(
    stranger: Browser, mails: Mails, wanted: str, led: str
) -> None:
    """Where one is led to afterwards is a page of ours, whatever the address says."""
    verified(stranger, mails)
    stranger.client.delete_cookie(SESSION_COOKIE)
    token = token_on(stranger.get("/sign-in"))
    answer = stranger.client.post(
        "/sign-in",
        query_string={"next": wanted},
        data={"csrf_token": token, "email": "anna@example.com", "password": PASSWORD},
    )
    assert (answer.status_code, answer.location) == (303, led)


def test_strangers_learn_of_no_account(stranger: Browser, mails: Mails) -> None:
    """Known or not: the answer to a sign-up, a sign-in and a reset is the same, word for word."""
    verified(stranger, mails)
    stranger.client.delete_cookie(SESSION_COOKIE)

    def answers(email: str) -> list[tuple[int, str]]:
        found = [
            sent(stranger, "/sign-up", name="A", email=email, password=PASSWORD),
            sent(stranger, "/sign-in", email=email, password="a wrong long phrase"),
            sent(stranger, "/reset", email=email),
        ]
        return [(answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)) for answer in found]

    assert answers("anna@example.com") == answers("nobody@example.com")


def test_looking_at_a_link_does_not_use_it(stranger: Browser, mails: Mails) -> None:
    """Mail programs that open every link spoil none of them."""
    sent(stranger, "/sign-up", name="Anna", email="anna@example.com", password=PASSWORD)
    (link,) = mails.links()
    for _ in range(3):
        assert stranger.get(link).status_code == 200
        assert stranger.client.head(link).status_code == 200
    wrong = sent(stranger, link, password="a wrong long phrase", token=link.partition("=")[2])
    assert wrong.status_code == 403
    right = sent(stranger, link, password=PASSWORD, token=link.partition("=")[2])
    assert right.status_code == 303
    assert stranger.get(link).status_code == 410
    assert stranger.get("/verify?token=%00").status_code == 400


def test_a_forgotten_password_is_replaced(stranger: Browser, mails: Mails, app: Flask) -> None:
    """The link in the mail lets one choose another, and ends all sessions."""
    verified(stranger, mails)
    other = Browser(app.test_client())
    sent(other, "/reset", email="anna@example.com")
    (link,) = mails.links()
    secret = link.partition("token=")[2]
    assert sent(other, link, password="short", token=secret).status_code == 422
    assert sent(other, link, password="quite another phrase", token=secret).status_code == 303
    assert other.get("/identity/account").status_code == 200
    assert stranger.get("/identity/account").status_code == 303


def test_the_first_start(stranger: Browser, host: Host, app: Flask) -> None:
    """Who has the link of the server sets it up; who has not reads where to find it."""
    assert stranger.get("/").location == "/setup"
    assert "meishi init --link" in stranger.get("/setup").text
    assert "meishi init --link" in stranger.get("/setup?token=wrong").text
    with host.scope():
        link = host.service(Setup).link()
    path = link.partition("://")[2].partition("/")[2]
    secret = path.partition("token=")[2]
    form = {
        "token": secret, "name": "Boss", "email": "boss@example.com", "password": PASSWORD,
        "workspace": "Main", "slug": "main",
    }  # fmt: skip
    weak = sent(stranger, f"/{path}", **(form | {"password": "short"}))
    assert weak.status_code == 422
    assert 'value="boss@example.com"' in weak.text
    done = sent(stranger, f"/{path}", **form)
    assert (done.status_code, done.location) == (303, "/")
    assert stranger.get("/").location == "/overview"
    assert stranger.get(f"/{path}").location == "/sign-in"
    assert Browser(app.test_client()).get("/").location == "/sign-in"


def test_inviting_and_joining(
    signed_in: Browser, workspace: WorkspaceUnderTest, mails: Mails, app: Flask
) -> None:
    """An invited person opens an account in one step, is in the workspace, and is listed."""
    answer = signed_in.send(
        "/identity/invitations",
        {"email": "eve@example.com", "role": "member"},
        page="/identity/members",
    )
    assert answer.status_code == 303
    assert "eve@example.com" in signed_in.get("/identity/members").text
    (link,) = mails.links()
    eve = Browser(app.test_client())
    page = eve.get(link)
    assert "eve@example.com" in page.text
    assert ">one<" in page.text
    secret = link.partition("token=")[2].partition("&")[0]
    form = {"token": secret, "email": "eve@example.com", "name": "Eve", "password": PASSWORD}
    assert sent(eve, link, **(form | {"email": "x@example.com"})).status_code == 403
    joined = eve.client.post("/invitation", data={"csrf_token": token_on(eve.get(link)), **form})
    assert joined.status_code == 303
    assert eve.get("/shelf").status_code == 200
    assert eve.get("/shelf/safe").status_code == 403
    listed = eve.get("/identity/members").text
    assert "Invite somebody" not in listed
    for path, values in (
        ("invitations", {"email": "z@example.com", "role": "viewer"}),
        (f"members/{workspace.owner_id}/role", {"role": "viewer"}),
    ):
        refused = eve.send(f"/identity/{path}", values, page="/identity/members")
        assert refused.status_code == 403
    out = eve.send(f"/identity/members/{workspace.owner_id}/remove", page="/identity/members")
    assert out.status_code == 403
    assert eve.get(link).status_code == 410
    ids = re.findall(r"/identity/members/([0-9a-f-]{36})/remove", listed)
    left = eve.send(f"/identity/members/{ids[0]}/remove", page="/identity/members")
    assert left.status_code == 303
    assert eve.get("/shelf").location == "/identity/workspaces"


def test_roles_are_changed_and_an_owner_stays(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """The last owner is told why they cannot go; a role that is none is refused."""
    own = f"/identity/members/{workspace.owner_id}"
    for path, values, status in (
        (f"{own}/role", {"role": "admin"}, 409),
        (f"{own}/remove", {}, 409),
        (f"{own}/role", {"role": "king"}, 422),
        (f"/identity/members/{workspace.host.new_id()}/role", {"role": "admin"}, 404),
    ):
        answer = signed_in.send(path, values, page="/identity/members")
        assert answer.status_code == status
        assert 'role="alert"' in answer.text


def test_a_token_is_made_used_and_ended(signed_in: Browser, workspace: WorkspaceUnderTest) -> None:
    """Its secret is shown once and works; ended, it does not."""
    page = signed_in.send(
        "/identity/tokens/new",
        {"name": "script <x>", "days": "30", "scopes": ["shelf.read", "operations.read"]},
    )
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="(msh_[\w-]+)"', page.text)
    assert found
    headers = {"Authorization": f"Bearer {found[1]}"}
    client = signed_in.client.application.test_client()
    assert client.get("/api/v1/operations", headers=headers).status_code == 200
    listed = signed_in.get("/identity/tokens").text
    assert found[1] not in listed
    assert "script &lt;x&gt;" in listed
    paths = re.findall(r"/identity/tokens/[0-9a-f-]{36}/revoke", listed)
    for path in paths:
        assert signed_in.send(path, page="/identity/tokens/new").status_code == 303
    assert client.get("/api/v1/operations", headers=headers).status_code == 401
    assert signed_in.send(paths[0], page="/identity/tokens/new").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x", "days": "30"},
        {"name": "x", "days": "31", "all": "yes"},
        {"name": "", "days": "30", "all": "yes"},
        {"name": "x", "days": "30", "scopes": ["shelf.write"]},
        {"name": "x", "days": "30", "scopes": ["contacts.reed"]},
    ],
)
def test_a_token_that_cannot_be_is_not_made(signed_in: Browser, form: dict[str, object]) -> None:
    """What is missing or not allowed is said, and the form comes back."""
    answer = signed_in.send("/identity/tokens/new", form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_member_sees_and_ends_only_their_own_tokens(
    signed_in: Browser, workspace: WorkspaceUnderTest, host: Host
) -> None:
    """Tokens of others are neither shown nor ended by who does not look after the workspace."""
    from sqlalchemy import text

    from meishi.core.identity.contract import Tokens
    from meishi.sdk.database import current_connection

    other = found_workspace(host, "two")
    with workspace.acting_as("identity"):
        current_connection().execute(
            text("INSERT INTO identity.membership VALUES (:w, :u, 'owner', now())"),
            {"w": workspace.id, "u": other.owner_id},
        )
        issued = host.service(Tokens).issue(user_id=other.owner_id, name="theirs")
        current_connection().execute(
            text("UPDATE identity.membership SET role = 'member' WHERE user_id = :u"),
            {"u": workspace.owner_id},
        )
    assert "theirs" not in signed_in.get("/identity/tokens").text
    refused = signed_in.send(f"/identity/tokens/{issued.id}/revoke", page="/identity/tokens/new")
    assert refused.status_code == 404
    service = {"name": "x", "days": "30", "all": "yes", "owner": "workspace", "role": "member"}
    assert signed_in.send("/identity/tokens/new", service).status_code == 403


def test_a_session_is_ended_from_another(
    signed_in: Browser, workspace: WorkspaceUnderTest, app: Flask
) -> None:
    """The other browser is led to the sign-in with its next request."""
    other = Browser(app.test_client())
    other.sign_in(workspace.host, workspace.owner_id)
    assert other.get("/shelf").status_code == 200
    listed = signed_in.get("/identity/sessions").text
    (path,) = re.findall(r"/identity/sessions/[0-9a-f-]{36}/revoke", listed)
    assert signed_in.send(path, page="/identity/sessions").status_code == 303
    assert other.get("/shelf").location == "/sign-in?next=/shelf"
    assert signed_in.get("/shelf").status_code == 200


def test_signing_out_ends_the_session(signed_in: Browser) -> None:
    """The cookie is taken away, and would open nothing any more."""
    kept = signed_in.client.get_cookie(SESSION_COOKIE)
    assert kept is not None
    assert signed_in.client.post("/sign-out").status_code == 403
    out = signed_in.send("/sign-out", page="/shelf")
    assert (out.status_code, out.location) == (303, "/sign-in")
    signed_in.client.set_cookie(SESSION_COOKIE, kept.value)
    assert signed_in.get("/shelf").status_code == 303


def test_the_account_is_changed(signed_in: Browser, mails: Mails, host: Host) -> None:
    """Name, password and address are changed by who knows the password."""
    with host.scope():
        host.service(Setup).give_password(email="owner@one.example", password=PASSWORD)
    assert sent(signed_in, "/identity/account", name="New Name", locale="xx").status_code == 303
    assert "New Name" in signed_in.get("/identity/account").text
    assert sent(signed_in, "/identity/account", name=" ").status_code == 422
    wrong = sent(signed_in, "/identity/account/password", old="no", password="another long one")
    assert wrong.status_code == 403
    done = sent(signed_in, "/identity/account/password", old=PASSWORD, password="another long one")
    assert done.status_code == 303
    asked = sent(
        signed_in, "/identity/account/email", email="new@example.com", password="another long one"
    )
    assert asked.status_code == 200
    (link,) = mails.links()
    assert sent(signed_in, link, token=link.partition("=")[2]).status_code == 303
    assert "new@example.com" in signed_in.get("/identity/account").text


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_for_whom_it_is(
    signed_in: Browser, workspace: WorkspaceUnderTest, role: Role
) -> None:
    """Each role opens the pages that it may, and is refused on the others."""
    from sqlalchemy import text

    from meishi.sdk.database import current_connection

    with workspace.acting_as("identity"):
        current_connection().execute(
            text("UPDATE identity.membership SET role = :role"), {"role": role.value}
        )
    for path in ("workspaces", "account", "account/password", "account/email", "sessions",
                 "members", "tokens", "tokens/new"):  # fmt: skip
        assert signed_in.get(f"/identity/{path}").status_code == 200


def test_a_set_up_that_failed_has_done_nothing(
    stranger: Browser, host: Host, workspace: WorkspaceUnderTest
) -> None:
    """A form that comes back, for a slug that is taken, leaves its link good."""
    with host.scope():
        link = host.service(Setup).link()
    path = link.partition("//")[2].partition("/")[2]
    values = {
        "token": link.partition("token=")[2],
        "email": "boss@example.com",
        "name": "Boss",
        "password": PASSWORD,
        "workspace": "Main",
    }
    taken = sent(stranger, f"/{path}", slug="one", **values)
    assert taken.status_code == 409
    assert sent(stranger, f"/{path}", slug="main", **values).location == "/"


def test_who_is_refused_by_rank_is_in_the_audit(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """A refusal that a page shows in its form is noted like one that it raises."""
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'admin'"))
    path = f"/identity/members/{workspace.owner_id}/role"
    assert signed_in.send(path, {"role": "owner"}, page="/identity/members").status_code == 403
    assert "POST identity.role" in signed_in.get("/audit?outcome=denied").text
