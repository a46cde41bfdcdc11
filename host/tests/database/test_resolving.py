"""Who a key belongs to is asked before the workspace is known, and answered with it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy import text

from meishi.context import Actor
from meishi.http.callers import CALLERS, Callers
from meishi.sdk.database import resolve
from meishi.settings import CallMode
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Administrator, WireLog, new_card, role_of, workspace_of

CARD = "qr.resolve_card"

#: A text in libpq's trace of what the frontend sends.
_SENT = re.compile(r'\tF\t\d+\t(?:Query|Parse)\t (?:"[^"]*" )?"(.*)"')


def queries(wire: WireLog) -> list[str]:
    """Return the texts that were sent to the server since the last reading."""
    sent = (_SENT.search(line) for line in wire.lines())
    return [found[1].strip() for found in sent if found]


def commands(sent: list[str]) -> str:
    """Return the first word of each text."""
    return " ".join(text.partition(" ")[0] for text in sent)


@pytest.fixture
def slug(workspace: WorkspaceUnderTest) -> str:
    """The slug of a card of the workspace."""
    with workspace.acting_as("qr") as scope:
        card = new_card(workspace)
        scope.work.session().add(card)
        return card.slug


def test_the_transaction_goes_on_in_the_workspace_that_was_found(
    workspace: WorkspaceUnderTest, slug: str, wire: WireLog
) -> None:
    """With BEGIN it is one round trip, and the expected plugin's role needs none of its own."""
    for _ in range(2):
        wire.lines()
        with workspace.host.scope(actor=Actor(visitor=True)) as scope:
            scope.work.expect("crm_contacts")
            with scope.work.entered("qr"):
                found = resolve(CARD, slug)
            assert found is not None
            assert found.workspace_id == workspace.id
            scope.work.bind_workspace(workspace.id)
            with scope.work.entered("crm_contacts"):
                assert role_of(scope) == "meishi_test_crm_contacts_run"
                assert workspace_of(scope) == str(workspace.id)
    sent = queries(wire)
    assert commands(sent) == "BEGIN; SELECT SELECT COMMIT RESET"
    assert f"FROM {CARD}(" in sent[0]


def test_who_asked_goes_on_under_its_own_role(workspace: WorkspaceUnderTest, slug: str) -> None:
    """What is expected next, and the workspace that was found, wait until the host agrees."""
    with workspace.host.scope() as scope:
        scope.work.expect("crm_contacts")
        with scope.work.entered("qr"):
            assert resolve(CARD, slug) is not None
            assert role_of(scope) == "meishi_test_qr_run"
            assert workspace_of(scope) == ""


def test_a_key_of_nobody_changes_nothing(workspace: WorkspaceUnderTest, slug: str) -> None:
    """Before, and in the middle of a transaction, role and workspace stay what they were."""
    with workspace.acting_as("qr") as scope:
        scope.work.expect("crm_contacts")
        for _ in range(2):
            assert resolve(CARD, f"{slug}x") is None
            assert role_of(scope) == "meishi_test_qr_run"
            assert workspace_of(scope) == str(workspace.id)


@pytest.mark.parametrize("key", ["'", "\\", "'; COMMIT --", "\\'||'x", "%s %(a)s", "é\n", "a\0b"])
def test_a_key_is_a_value_whatever_it_holds(workspace: WorkspaceUnderTest, key: str) -> None:
    """Quotes, backslashes and commands are part of the key, and nothing else."""
    with workspace.acting_as("qr") as scope:
        scope.work.connection().execute(text("SELECT 1"))
        assert resolve(CARD, key) is None
        assert workspace_of(scope) == str(workspace.id)


@pytest.mark.parametrize("name", ["qr.card_probe", "resolve_card", "qr.resolve_card(1)--", ""])
def test_only_a_function_that_resolves_can_be_asked(
    workspace: WorkspaceUnderTest, name: str
) -> None:
    """Its name says what it does, and is not a statement."""
    with pytest.raises(ValueError, match="resolve_<thing>"), workspace.acting_as("qr"):
        resolve(name, "x")


def test_a_key_belongs_to_one_only(workspace: WorkspaceUnderTest, admin: Administrator) -> None:
    """Several rows are an error, after which nothing of them holds."""
    admin.execute(
        sql.SQL(
            "CREATE FUNCTION qr.resolve_all(text) RETURNS TABLE (workspace_id uuid) LANGUAGE sql "
            "AS 'SELECT gen_random_uuid() FROM generate_series(1, 2)'; "
            "GRANT EXECUTE ON FUNCTION qr.resolve_all TO meishi_test_qr_run"
        )
    )
    with workspace.acting_as("qr") as scope:
        with pytest.raises(LookupError):
            resolve("qr.resolve_all", "x")
        assert role_of(scope) == "meishi_test_qr_run"
        assert workspace_of(scope) == str(workspace.id)


def sent_by_reading(workspace: WorkspaceUnderTest, client: FlaskClient, wire: WireLog) -> list[str]:
    """Return what goes to the server when a contact is read over the web."""
    if workspace.host.settings.calls is CallMode.CODEC:
        pytest.skip("encoded calls have transactions of their own")
    contact = client.post(
        "/api/v1/contacts", json={"name": {"full": "A"}}, headers=workspace.headers
    ).get_json()
    wire.lines()
    # Without what other plugins add, which is read besides.
    address = f"/api/v1/contacts/{contact['id']}?fields=name"
    answer = client.get(address, headers=workspace.headers)
    assert answer.status_code == 200
    return queries(wire)


def test_reading_over_the_web_takes_three_round_trips(
    workspace: WorkspaceUnderTest, client: FlaskClient, wire: WireLog
) -> None:
    """Who calls is asked with BEGIN; then the contact, and COMMIT: no change of role is alone."""
    sent = sent_by_reading(workspace, client, wire)
    assert commands(sent) == "BEGIN; SELECT COMMIT RESET"
    assert "FROM identity.resolve_token(" in sent[0]


def test_a_caller_who_is_known_already_is_not_asked_for_again(
    workspace: WorkspaceUnderTest,
    client: FlaskClient,
    wire: WireLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While it is remembered, the view's transaction begins in the caller's workspace."""
    callers = Callers(workspace.host, seconds=3600)
    monkeypatch.setitem(client.application.extensions, CALLERS, callers)
    sent = sent_by_reading(workspace, client, wire)
    assert commands(sent) == "BEGIN; SELECT COMMIT RESET"
    assert "resolve_token" not in " ".join(sent)
    assert f"'{workspace.id}'" in sent[0]
