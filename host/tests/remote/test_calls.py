"""Calls of a service that runs elsewhere: as here, but for what must be different."""

from __future__ import annotations

from typing import Any

import pytest

from meishi.calls.failures import CallFailed
from meishi.remote.errors import RemoteCallError
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Split


def shelf(split: Split) -> Any:
    """Return what stands for the bakery in the main deployment."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    return split.host.calls.get(Shelf)


def test_a_call_reaches_the_service_and_its_own_database(split: Split, acting: Any) -> None:
    """The result is what the contract says; the tables are there alone."""
    from bakery.contract import Sale

    assert shelf(split).sell("vase", number=2) == Sale("vase", 2)
    assert shelf(split).sell(item="cup") == Sale("cup", 1)
    assert shelf(split).count() == 3
    with split.service_host.scope(workspace=acting.workspace_id, plugin="bakery") as there:
        assert there.work.execute("SELECT item FROM bakery.sale ORDER BY id") == [
            ("vase",),
            ("cup",),
        ]
    with split.host.within("identity") as here:
        assert here.work.execute("SELECT to_regnamespace('bakery')::text") == [(None,)]


def test_it_acts_for_the_same_person_in_the_same_workspace(
    split: Split, acting: Any, shared: WorkspaceUnderTest
) -> None:
    """Who acts, where, and for which cause go along; the rights are the service's own."""
    told = shelf(split).told()
    assert (told.workspace, told.user) == (shared.id, shared.owner_id)
    assert told.permissions == ("cashdesk.read",)
    assert (told.correlation, told.causation) == (acting.correlation, None)
    assert told.role == "meishi_service_bakery_run"


def test_declared_errors_come_back_as_themselves(split: Split, acting: Any) -> None:
    """With their sentence, and nothing was done."""
    from bakery.contract import SoldOut

    with pytest.raises(SoldOut, match="There is no gold"):
        shelf(split).sell("gold")
    assert shelf(split).count() == 0


def test_what_is_not_declared_is_one_error_that_says_that_nothing_happened(
    split: Split, acting: Any
) -> None:
    """The service undid what it had begun."""
    with pytest.raises(RemoteCallError, match="answered 500; nothing has happened") as raised:
        shelf(split).break_down()
    assert isinstance(raised.value, CallFailed)
    assert not raised.value.may_have_happened
    assert shelf(split).count() == 0


def test_the_service_asks_the_main_deployment(split: Split, acting: Any) -> None:
    """What only that knows, in whichever process it is asked for."""
    acting.work.commit()
    assert shelf(split).workspaces() == 1


def test_a_service_asks_for_no_more_than_its_manifest_names(split: Split, acting: Any) -> None:
    """The cashdesk is not among what the bakery requires."""
    with pytest.raises(RemoteCallError):
        shelf(split).rung()


def test_commands_outlive_the_transaction_of_who_gave_them(
    split: Split, shared: WorkspaceUnderTest
) -> None:
    """They are transactions of their own: the known difference to a process that has both."""

    def sell_and_fail() -> None:
        with shared.acting_as("cashdesk"):
            shelf(split).sell("vase")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sell_and_fail()
    with shared.acting_as("cashdesk"):
        assert shelf(split).count() == 1
