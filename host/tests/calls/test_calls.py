"""Calls between plugins, in both modes: errors, rights, transactions, values."""

# ruff: noqa: D102, PT012 (methods say what they do; a unit of work that fails is a block)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from sqlalchemy import text

from meishi.calls.failures import CallFailed, ServiceUnavailable
from meishi.calls.registry import CallRegistry
from meishi.clock import utc_now
from meishi.context import current_scope
from meishi.declarations import PluginContext, Service
from meishi.host import Host
from meishi.sdk.contract import (
    DomainError,
    EventVetoed,
    FieldError,
    atomic,
    command,
    query,
)
from meishi.sdk.database import current_connection
from meishi.settings import CallMode
from meishi.testing.fixtures import WorkspaceUnderTest

BOTH = pytest.mark.parametrize("mode", list(CallMode))
INSERT = text(
    "INSERT INTO qr.card (workspace_id, id, contact_id, title, fields, slug, version, created_at,"
    " updated_at) VALUES (current_setting('meishi.workspace')::uuid, gen_random_uuid(),"
    " gen_random_uuid(), 'a card', '{}', gen_random_uuid(), 1, now(), now())"
)


class Refused(DomainError):
    """A declared error."""

    code = "refused"
    title = "Refused"


class RefusedHard(Refused):
    """A special case of a declared error."""

    code = "refused-hard"


class Undeclared(DomainError):
    """An error that no method declares."""

    code = "undeclared"
    title = "Undeclared"


@dataclass(frozen=True)
class Box:
    """A value."""

    items: tuple[str, ...]


class Things(Protocol):
    """A contract of the QR generator in these tests."""

    @query()
    def role(self) -> str: ...

    @query()
    def same(self, box: Box) -> Box: ...

    @query()
    def wrong(self) -> int: ...

    @query(errors=(Refused,))
    def fail(self, kind: str) -> None: ...

    @command()
    def add(self) -> int: ...

    @atomic()
    def add_here(self) -> int: ...

    @command(errors=(Refused,))
    def refuse(self) -> None: ...

    @atomic(errors=(Refused,))
    def refuse_here(self) -> None: ...


ERRORS: dict[str, Callable[[], BaseException]] = {
    "refused": lambda: Refused("no", errors=[FieldError("/a", "b", "c")]),
    "hard": lambda: RefusedHard("never"),
    "veto": lambda: EventVetoed("qr: no"),
    "undeclared": lambda: Undeclared("what"),
    "value": lambda: ValueError("oops"),
    "exit": lambda: SystemExit(0),
}


class ThingService:
    """Implements `Things`."""

    def __init__(self, context: PluginContext) -> None:
        self.seen: list[Box] = []

    def role(self) -> str:
        return str(current_connection().execute(text("SELECT current_user")).scalar_one())

    def same(self, box: Box) -> Box:
        self.seen.append(box)
        return box

    def wrong(self) -> int:
        return "no number"  # type: ignore[return-value]

    def fail(self, kind: str) -> None:
        current_connection().execute(INSERT)
        error = ERRORS[kind]()
        raise error

    def add(self) -> int:
        current_connection().execute(INSERT)
        return id(current_scope().work)

    def add_here(self) -> int:
        return self.add()

    def refuse(self) -> None:
        self.fail("refused")

    def refuse_here(self) -> None:
        self.fail("refused")


@pytest.fixture
def things(host: Host, monkeypatch: pytest.MonkeyPatch) -> Callable[[CallMode], Things]:
    """Return the service as callers get it, in a mode."""

    def offer(mode: CallMode) -> Things:
        registry = CallRegistry(mode)
        context = PluginContext(
            plugin="qr",
            settings={},
            clock=utc_now,
            new_id=host.new_id,
            public_url="http://cards.example",
        )
        registry.register(Service(Things, ThingService), context)
        monkeypatch.setattr(host, "calls", registry)
        return registry.get(Things)

    return offer


def cards(workspace: WorkspaceUnderTest) -> int:
    """Return how many cards were committed."""
    with workspace.acting_as("qr"):
        return int(current_connection().execute(text("SELECT count(*) FROM qr.card")).scalar_one())


Offer = Callable[[CallMode], Things]


@BOTH
def test_a_call_runs_with_its_owners_rights(
    workspace: WorkspaceUnderTest, things: Offer, mode: CallMode
) -> None:
    """The service has its own role, the caller gets its role back."""
    service = things(mode)
    with workspace.acting_as("crm_contacts"):
        assert service.role() == "meishi_test_qr_run"
        current = current_connection().execute(text("SELECT current_user")).scalar_one()
        assert current == "meishi_test_crm_contacts_run"


@BOTH
def test_a_declared_error_reaches_the_caller_as_itself(
    workspace: WorkspaceUnderTest, things: Offer, mode: CallMode
) -> None:
    """Class, detail and field errors are the same wherever the service runs."""
    service = things(mode)
    with workspace.acting_as("crm_contacts"):
        with pytest.raises(Refused) as caught:
            service.fail("refused")
        assert type(caught.value) is Refused
        assert caught.value.detail == "no"
        assert caught.value.errors == (FieldError("/a", "b", "c"),)
        with pytest.raises(Refused, match="never"):
            service.fail("hard")
        with pytest.raises(EventVetoed, match="qr: no"):
            service.fail("veto")


@BOTH
@pytest.mark.parametrize(
    ("kind", "cause"), [("undeclared", Undeclared), ("value", ValueError), ("exit", SystemExit)]
)
def test_an_undeclared_error_becomes_a_failed_call(
    workspace: WorkspaceUnderTest,
    things: Offer,
    mode: CallMode,
    kind: str,
    cause: type[BaseException],
) -> None:
    """The caller learns whose method failed; the cause is attached for the log."""
    service = things(mode)
    with (
        workspace.acting_as("crm_contacts"),
        pytest.raises(CallFailed, match=r"^qr: fail failed$") as caught,
    ):
        service.fail(kind)
    assert isinstance(caught.value.__cause__, cause)


@BOTH
def test_wrong_arguments_are_a_failed_call(
    workspace: WorkspaceUnderTest, things: Offer, mode: CallMode
) -> None:
    """A caller that does not keep to the contract gets the same error in every mode."""
    service: Any = things(mode)
    with workspace.acting_as("crm_contacts"), pytest.raises(CallFailed, match="qr: same"):
        service.same(box=Box(()), more=1)


@BOTH
def test_an_atomic_call_shares_the_callers_transaction(
    workspace: WorkspaceUnderTest, things: Offer, mode: CallMode
) -> None:
    """What it writes is undone with the caller's work."""
    service = things(mode)
    with pytest.raises(KeyError), workspace.acting_as("crm_contacts") as scope:
        assert service.add_here() == id(scope.work)
        raise KeyError
    assert cards(workspace) == 0


@BOTH
@pytest.mark.parametrize("method", ["refuse", "refuse_here"])
def test_a_refused_change_leaves_nothing_even_where_the_error_is_caught(
    workspace: WorkspaceUnderTest,
    things: Callable[[CallMode], Things],
    mode: CallMode,
    method: str,
) -> None:
    """A call that ends with an error has changed nothing, and its caller can go on."""
    service = things(mode)
    before = cards(workspace)
    with workspace.acting_as("crm_contacts"):
        with pytest.raises(Refused):
            getattr(service, method)()
        service.add_here()
    assert cards(workspace) == before + 1


def test_modes_differ_in_these_ways_and_no_others(
    workspace: WorkspaceUnderTest, things: Offer
) -> None:
    """Encoded calls copy values, check results, commit for themselves, generalise errors."""
    found: dict[CallMode, dict[str, object]] = {}
    for mode in CallMode:
        service, box = things(mode), Box(("a",))
        before = cards(workspace)
        with pytest.raises(KeyError), workspace.acting_as("crm_contacts") as scope:
            answer = service.same(box)
            assert answer == box
            own = service.add() != id(scope.work)
            with pytest.raises(Refused) as caught:
                service.fail("hard")
            try:
                service.wrong()
            except CallFailed:
                checked = True
            else:
                checked = False
            raise KeyError
        found[mode] = {
            "the result is a copy": answer is not box,
            "the result is held against its type": checked,
            "a command has a transaction of its own": own,
            "a command survives its caller's rollback": cards(workspace) == before + 1,
            "a special error comes as the declared one": type(caught.value) is Refused,
        }
    assert set(found[CallMode.LOCAL].values()) == {False}
    assert set(found[CallMode.CODEC].values()) == {True}


def test_a_service_that_no_active_plugin_offers_is_unavailable(host: Host) -> None:
    """The error names the contract that was asked for."""
    with pytest.raises(ServiceUnavailable, match="Things"):
        host.calls.get(Things)
