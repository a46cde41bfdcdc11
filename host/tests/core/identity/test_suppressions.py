"""People who were erased: where they are suppressed, how they are known again, and what is kept."""

from __future__ import annotations

import psycopg

from meishi.core.identity.contract import Suppressions
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

EMAIL, PHONE = "ada@example.org", "+46701234567"
NOBODY = frozenset[str]()


def suppress(host: Host, workspace: WorkspaceUnderTest | None) -> None:
    """Suppress an address and a number, in a workspace or in the deployment."""
    with host.scope(workspace=None if workspace is None else workspace.id):
        host.service(Suppressions).suppress(emails=frozenset({EMAIL}), phones=frozenset({PHONE}))


def suppressed(host: Host, workspace: WorkspaceUnderTest, *keys: str) -> frozenset[str]:
    """Return which keys are suppressed in a workspace."""
    with host.scope(workspace=workspace.id):
        return host.service(Suppressions).are_suppressed(frozenset(keys))


def test_a_suppression_holds_in_its_workspace(
    host: Host, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """It is found however the address is written, and by nobody else."""
    suppress(host, workspace)
    suppress(host, workspace)
    keys = ("Ada@Example.org", PHONE, "bob@example.org")
    assert suppressed(host, workspace, *keys) == {"Ada@Example.org", PHONE}
    assert suppressed(host, other_workspace, *keys) == NOBODY


def test_a_suppression_of_the_deployment_holds_everywhere(
    host: Host, workspace: WorkspaceUnderTest
) -> None:
    """A workspace cannot lift it."""
    suppress(host, None)
    with host.scope(workspace=workspace.id):
        lifted = host.service(Suppressions).lift(emails=frozenset({EMAIL}), phones=NOBODY)
    assert lifted == 0
    assert suppressed(host, workspace, EMAIL) == {EMAIL}
    with host.scope():
        assert host.service(Suppressions).lift(emails=frozenset({EMAIL}), phones=NOBODY) == 1
    assert suppressed(host, workspace, EMAIL, PHONE) == {PHONE}


def test_what_is_kept_tells_nobody_without_the_key(
    host: Host, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """Digests of one address are different ones under another key."""

    def digests() -> set[bytes]:
        with psycopg.connect(database.administrator_url()) as server:
            rows = server.execute("SELECT digest FROM identity.suppression").fetchall()
        return {digest for (digest,) in rows}

    suppress(host, workspace)
    before = digests()
    with psycopg.connect(database.administrator_url()) as server:
        server.execute("DELETE FROM identity.suppression")
        server.execute("UPDATE meishi.secret SET value = sha256(value) WHERE name = 'signing'")
    host.use_database(database.runtime_url)
    suppress(host, workspace)
    assert len(before) == len(digests()) == 2
    assert not before & digests()
