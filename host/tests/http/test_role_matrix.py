"""Every route, asked by every role: what is let in is what the plugins declare, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.core.identity.contract import Tokens
from meishi.http.routes import routes_of
from meishi.sdk.context import service
from meishi.sdk.contract import Role
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

#: Whoever runs the deployment is asked for as a further role; it stands beside an owner's.
OPERATOR = "operator"
ASKING = (*(role.value for role in Role), OPERATOR)

#: Who may do what. Declarations decide; this table makes a change of them seen in review.
READERS = {"owner", "admin", "member", "viewer", "operator"}
WRITERS = READERS - {"viewer"}
KEEPERS = WRITERS - {"member"}
GRANTED = {
    "analytics.deployment": {"operator"},
    "analytics.read": READERS,
    "audit.read": KEEPERS,
    "contacts.organise": KEEPERS,
    "contacts.oversee": KEEPERS,
    "contacts.read": READERS,
    "contacts.write": WRITERS,
    "enrichment.read": READERS,
    "enrichment.write": WRITERS,
    "events.operate": {"operator"},
    "events.read": READERS,
    "exports.use": READERS,
    "graph.read": READERS,
    "graph.write": WRITERS,
    "health.operate": {"operator"},
    "identity.members.read": READERS,
    "identity.members.write": KEEPERS,
    "identity.tokens.manage": KEEPERS,
    "identity.tokens.own": READERS,
    "identity.workspace.read": READERS,
    "identity.workspace.write": KEEPERS,
    "imports.use": WRITERS,
    "jobs.operate": {"operator"},
    "operations.cancel": WRITERS,
    "operations.read": READERS,
    "overview.read": READERS,
    "personal-data.erase": READERS,
    "personal-data.export": READERS,
    "personal-data.suppress": KEEPERS,
    "plugins.operate": {"operator"},
    "plugins.read": READERS,
    "plugins.switch": KEEPERS,
    "qr.exchanges": READERS,
    "qr.read": READERS,
    "qr.write": WRITERS,
    "search.use": READERS,
    "settings.own": READERS,
    "settings.read": READERS,
    "settings.write": KEEPERS,
    "viral.read": READERS,
    "viral.take_part": WRITERS,
    "viral.write": KEEPERS,
}


def declared(host: Host) -> dict[str, set[str]]:
    """Return who has each permission, read from the declarations of the active plugins."""
    found: dict[str, set[str]] = {}
    for contribution in host.plugins.active():
        names = contribution.permission_names()
        for name, permission in zip(names, contribution.permissions, strict=True):
            who = {role.value for role in permission.roles}
            may_operate = permission.operators or Role.OWNER in permission.roles
            found[name] = who | ({OPERATOR} if may_operate else set())
    return found


def operations(host: Host) -> Iterator[tuple[str, str, str]]:
    """Yield method, path and permission of all that plugins serve, built-in ones too."""
    for contribution in host.plugins.active():
        for route in routes_of(contribution).values():
            for method, permission in sorted(route.permissions.items()):
                yield method, route.path, permission


def address(app: Flask, path: str) -> str:
    """Return an address of a route, at which there is nothing."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == path)
    path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path)
    for argument in rule.arguments:
        path = path.replace(f"<uuid:{argument}>", str(UUID(int=7)))
        path = path.replace(f"<int:{argument}>", "7").replace(f"<{argument}>", "x")
        path = path.replace(f"<string:{argument}>", "x")
    assert "<" not in path, f"{path} has a parameter of a kind that this test cannot fill"
    return path


@pytest.fixture
def headers_of(
    workspace: WorkspaceUnderTest, change_identity: Callable[[str], None]
) -> Callable[[str], dict[str, str]]:
    """Return headers of somebody with a role, which holds until the next is asked for."""

    def headers(asking: str) -> dict[str, str]:
        role = Role.OWNER.value if asking == OPERATOR else asking
        change_identity(f"UPDATE identity.membership SET role = '{role}'")
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=workspace.owner_id, name=asking, operator=asking == OPERATOR
            )
        return {"Authorization": f"Bearer {token.secret}"}

    return headers


def test_permissions_are_granted_to_these_roles(host: Host) -> None:
    """Nobody gains or loses a right without this table being changed, too."""
    assert declared(host) == GRANTED


@pytest.mark.parametrize("asking", ASKING)
def test_route_lets_in_exactly_who_has_its_permission(
    app: Flask,
    host: Host,
    client: FlaskClient,
    headers_of: Callable[[str], dict[str, str]],
    asking: str,
) -> None:
    """Each method of each route answers 403 `forbidden` to who lacks its permission, only then."""
    granted, headers = declared(host), headers_of(asking)
    wrong: list[str] = []
    asked = 0
    for method, path, permission in operations(host):
        answer = client.open(address(app, path), method=method, headers=headers, buffered=True)
        refused = answer.status_code == 403
        if refused and method != "HEAD":
            assert answer.json is not None
            refused = answer.json["type"] == "urn:meishi:problem:forbidden"
        let_in = answer.status_code not in {401, 403}
        if (let_in, refused) != (asking in granted[permission], asking not in granted[permission]):
            wrong.append(f"{method} {path} ({permission}): {answer.status_code}")
        asked += 1
    assert not wrong
    assert asked > len(granted)
