"""Founding workspaces, issuing tokens and finding out who stands behind one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from meishi.core.identity.contract import (
    InvalidAccount,
    IssuedToken,
    NotAMember,
    Principal,
    SlugTaken,
    TokenNotFound,
    Tokens,
    User,
    Workspaces,
)
from meishi.database.location import Location
from meishi.host import Host
from meishi.sdk.contract import Role
from meishi.testing.fixtures import WorkspaceUnderTest


def found(host: Host, **values: str) -> User:
    """Found a workspace with some values of its own."""
    given = {"slug": "acme", "name": "Acme", "owner_email": "a@b.example", "owner_name": "Anna"}
    with host.scope(workspace=host.new_id()):
        return host.calls.get(Workspaces).found(**(given | values))


def issue(workspace: WorkspaceUnderTest, **values: Any) -> IssuedToken:
    """Issue a token for the owner of a workspace."""
    with workspace.host.scope(workspace=workspace.id):
        given: dict[str, Any] = {"user_id": workspace.owner_id, "name": "a token"}
        return workspace.host.calls.get(Tokens).issue(**(given | values))


def resolve(host: Host, secret: str) -> Principal | None:
    """Ask who stands behind a token, outside of any workspace."""
    with host.scope():
        return host.calls.get(Tokens).resolve(secret)


def counts(database: Location) -> tuple[int, ...]:
    """Return how many workspaces, users and memberships there are."""
    with psycopg.connect(database.administrator_url()) as server:
        tables = ("workspace", "user", "membership")
        queries = [sql.SQL("SELECT FROM identity.{}").format(sql.Identifier(t)) for t in tables]
        return tuple(server.execute(query).rowcount for query in queries)


def test_a_founded_workspace_has_its_owner(host: Host) -> None:
    """The founder is the owner, and the workspace is listed."""
    user = found(host)
    with host.scope() as scope:
        (workspace,) = host.calls.get(Workspaces).all()
    assert (workspace.slug, workspace.name) == ("acme", "Acme")
    with host.scope(workspace=workspace.id) as scope:
        assert host.calls.get(Workspaces).owner() == user
        assert scope.workspace_id == workspace.id


def test_a_workspace_without_members_has_no_owner(
    host: Host, workspace: WorkspaceUnderTest
) -> None:
    """Owners of other workspaces are not shown instead."""
    with host.scope(workspace=host.new_id()), pytest.raises(NotAMember):
        host.calls.get(Workspaces).owner()


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        (" anna@example.org ", None),
        ("anna@bücher.example", "anna@bücher.example"),
        ("anna@xn--bcher-kva.example", "anna@bücher.example"),
        ("A\u030ana@example.org", "\xe5na@example.org"),
    ],
)
def test_one_email_address_is_one_account(host: Host, written: str, normalised: str | None) -> None:
    """Case, Unicode form and the coding of the domain make no second account."""
    if normalised is None:
        with pytest.raises(InvalidAccount):
            found(host, owner_email=written)
        return
    first = found(host, owner_email=written)
    second = found(host, slug="other", owner_email=normalised.upper(), owner_name="Else")
    assert first.email == normalised
    assert second == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": ""}, {"slug": "Acme"}, {"slug": "-acme"}, {"slug": "acme\n"}, {"slug": "a" * 41},
        {"name": " "}, {"name": "x" * 201}, {"name": "a\0b"},
        {"owner_name": ""}, {"owner_name": "a\x1bb"},
        {"owner_email": "nobody"}, {"owner_email": "a@b@c.example"},
    ],
)  # fmt: skip
def test_a_wrong_value_founds_nothing(
    host: Host, database: Location, wrong: dict[str, str]
) -> None:
    """Everything is checked before the first row is written, even if the caller goes on."""
    given = {"slug": "acme", "name": "Acme", "owner_email": "a@b.example", "owner_name": "Anna"}
    with host.scope(workspace=host.new_id()), pytest.raises(InvalidAccount):
        host.calls.get(Workspaces).found(**(given | wrong))
    assert counts(database) == (0, 0, 0)


def test_a_taken_slug_leaves_nothing_half_done(host: Host, database: Location) -> None:
    """The second founder gets a declared error, and no account."""
    found(host)
    with host.scope(workspace=host.new_id()), pytest.raises(SlugTaken) as caught:
        host.calls.get(Workspaces).found(
            slug="acme", name="Else", owner_email="else@b.example", owner_name="Else"
        )
    assert caught.value.status == 409
    assert counts(database) == (1, 1, 1)


def test_a_token_leads_to_its_workspace(workspace: WorkspaceUnderTest) -> None:
    """Before any workspace is known, the secret says whose it is and what it may do."""
    token = issue(workspace, scopes=frozenset({"contacts.read"}))
    assert resolve(workspace.host, token.secret) == Principal(
        token_id=token.id,
        user_id=workspace.owner_id,
        workspace_id=workspace.id,
        role=Role.OWNER,
        scopes=frozenset({"contacts.read"}),
        stale=True,
    )


def test_no_scopes_and_all_scopes_are_different(workspace: WorkspaceUnderTest) -> None:
    """None means all that the role may do; an empty set means nothing."""
    everything = resolve(workspace.host, issue(workspace).secret)
    nothing = resolve(workspace.host, issue(workspace, scopes=frozenset()).secret)
    assert everything is not None
    assert nothing is not None
    assert (everything.scopes, nothing.scopes) == (None, frozenset())


def test_an_expired_token_stands_for_nobody(workspace: WorkspaceUnderTest) -> None:
    """A token ends at its time of expiry."""
    now = datetime.now(UTC)
    late = issue(workspace, expires_at=now + timedelta(days=1))
    over = issue(workspace, expires_at=now - timedelta(microseconds=1))
    assert resolve(workspace.host, late.secret) is not None
    assert resolve(workspace.host, over.secret) is None


def test_a_revoked_token_stands_for_nobody(workspace: WorkspaceUnderTest) -> None:
    """Revoking ends one token, and no other; it stays ended since then."""
    token, other = issue(workspace), issue(workspace)
    ended = []
    for _ in range(2):
        with workspace.acting_as("identity"):
            workspace.host.calls.get(Tokens).revoke(token.id)
        with workspace.acting_as("identity"):
            found = {item.id: item for item in workspace.host.calls.get(Tokens).all()}
        ended.append(found[token.id].revoked_at)
    assert ended[0] == ended[1] is not None
    assert found[other.id].revoked_at is None
    assert resolve(workspace.host, token.secret) is None
    assert resolve(workspace.host, other.secret) is not None


def test_a_token_is_revoked_and_listed_in_its_own_workspace(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Elsewhere it does not exist."""
    token, tokens = issue(workspace, name="sync"), workspace.host.calls.get(Tokens)
    with other_workspace.acting_as("identity"), pytest.raises(TokenNotFound):
        tokens.revoke(token.id)
    with other_workspace.acting_as("identity"):
        assert token.id not in {item.id for item in tokens.all()}
    with workspace.acting_as("identity"):
        names = [(item.name, item.email) for item in tokens.all()]
    assert names == [("test", "owner@one.example"), ("sync", "owner@one.example")]


def test_only_a_token_that_was_issued_as_one_is_an_operators(workspace: WorkspaceUnderTest) -> None:
    """The owner of a workspace is no operator, but by that token."""
    plain = resolve(workspace.host, issue(workspace).secret)
    special = resolve(workspace.host, issue(workspace, operator=True).secret)
    assert plain is not None
    assert special is not None
    assert (plain.operator, special.operator) == (False, True)


def test_a_member_is_found_by_address_in_their_workspace(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """However the address is written; who is a member elsewhere is none here."""
    workspaces = workspace.host.calls.get(Workspaces)
    with workspace.acting_as("identity"):
        assert workspaces.member("OWNER@one.example").id == workspace.owner_id
        with pytest.raises(NotAMember):
            workspaces.member("owner@two.example")


@pytest.mark.parametrize("secret", ["", "msh_", "msh_unknown", "other", "msh_\xff"])
def test_an_unknown_token_stands_for_nobody(host: Host, secret: str) -> None:
    """What is no token of ours is answered, not an error."""
    assert resolve(host, secret) is None


def test_a_token_is_issued_to_members_only(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """The owner of another workspace is no member of this one."""
    with pytest.raises(NotAMember):
        issue(workspace, user_id=other_workspace.owner_id)


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"expires_at": datetime(2030, 1, 1)}],  # noqa: DTZ001 (the fault)
)
def test_a_token_with_a_wrong_value_is_refused(
    workspace: WorkspaceUnderTest, wrong: dict[str, Any]
) -> None:
    """A name is wanted, and a time of expiry without a time zone says nothing."""
    with pytest.raises(InvalidAccount):
        issue(workspace, **wrong)


def test_the_secret_is_stored_nowhere(workspace: WorkspaceUnderTest, database: Location) -> None:
    """No column of any table holds the secret or a part of it."""
    secret = issue(workspace).secret.removeprefix("msh_")
    with psycopg.connect(database.administrator_url()) as server:
        tables = server.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information)'"
        ).fetchall()
        assert ("identity", "api_token") in tables
        for table in tables:
            statement = sql.SQL("SELECT coalesce(string_agg(t::text, ''), '') FROM {} t")
            content = server.execute(statement.format(sql.Identifier(*table))).fetchone()
            assert content is not None
            stored = content[0]
            assert secret not in stored
            assert secret.encode().hex() not in stored
