"""A plugin that is being moved is left alone, by everybody, and for no longer than that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meishi.moves.announcing import Announcements, alone, place, take_back
from meishi.moves.board import PlaceBoard
from meishi.moves.refusals import MoveRefused
from meishi.remote.errors import RemoteCallError
from meishi.switches.models import DB_SCHEMA
from meishi.switches.places import Charge, Standing, Step, StoredPlace, standings
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Pair


@pytest.fixture
def announcements(pair: Pair) -> Iterator[Announcements]:
    """What is told of the larder."""
    with alone(pair.main, "larder") as found:
        yield found


def test_nobody_reaches_a_held_plugin(
    pair: Pair, shared: WorkspaceUnderTest, announcements: Announcements
) -> None:
    """Neither by a call nor by a unit of work of its own; that nothing has happened is said."""
    from larder.contract import Larder  # type: ignore[import-not-found]

    announcements.hold(600)
    pair.host.places.refresh()
    with shared.host.scope(workspace=shared.id) as scope:
        with pytest.raises(RemoteCallError, match="it is being moved; nothing has happened"):
            pair.host.calls.get(Larder).put("bread")
        with pytest.raises(RemoteCallError), scope.work.entered("larder"):
            pass
    assert not pair.host.is_on("larder")
    announcements.withdraw()
    pair.host.places.refresh()
    with shared.host.scope(workspace=shared.id):
        pair.host.calls.get(Larder).put("bread")
        assert pair.host.calls.get(Larder).count() == 1


def test_who_died_holds_nobody_for_ever(pair: Pair, announcements: Announcements) -> None:
    """What was announced counts until its time is over, by the database's clock."""
    announcements.hold(600)
    pair.host.places.refresh()
    assert pair.host.places.held == {"larder"}
    with pair.main.connected(autocommit=True) as connection:
        connection.execute("UPDATE meishi_plugins.place SET until = clock_timestamp()")
    pair.host.places.refresh()
    assert pair.host.places.held == frozenset()
    assert pair.host.places.moving == frozenset()


def test_while_handlers_come_to_rest_the_plugin_answers(
    pair: Pair, shared: WorkspaceUnderTest, announcements: Announcements
) -> None:
    """Only what would take long is not begun any more."""
    from larder.contract import Larder

    announcements.settle()
    pair.host.places.refresh()
    assert pair.host.is_moving("larder")
    assert pair.host.is_on("larder")
    with shared.host.scope(workspace=shared.id):
        pair.host.calls.get(Larder).put("bread")


def test_one_move_at_a_time(pair: Pair, announcements: Announcements) -> None:
    """The second is refused, and changes nothing of the first."""
    announcements.hold(600)
    with pytest.raises(MoveRefused, match="Another move"), alone(pair.main, "larder"):
        pass
    pair.host.places.refresh()
    assert pair.host.places.held == {"larder"}


def test_a_process_that_does_not_know_yet_leaves_a_moved_plugin_alone(pair: Pair) -> None:
    """It works for it no more, and asks nobody else either, until it begins anew."""
    with pair.main.connected() as connection:
        place(connection, "larder", "https://larder.example.com")
        connection.commit()
        pair.host.places.refresh()
        assert pair.host.places.outdated == {"larder"}
        assert pair.host.is_held("larder")
        take_back(connection, "larder")
        connection.commit()
    pair.host.places.refresh()
    assert pair.host.places.outdated == frozenset()
    assert not pair.host.is_held("larder")


def test_what_is_stored_says_who_works_for_a_plugin() -> None:
    """The settings count more than what was moved; during the pause it is nobody."""
    url = "https://larder.example.com"
    stored = {
        "moved": StoredPlace(url=url),
        "held": StoredPlace(url=url, step=Step.HELD),
        "settling": StoredPlace(step=Step.SETTLING),
    }
    assert standings(stored, {"placed": object()}) == {
        "moved": Standing(charge=Charge.SERVICE),
        "held": Standing(charge=Charge.NOBODY, moving=True),
        "settling": Standing(charge=Charge.MAIN, moving=True),
        "placed": Standing(charge=Charge.SERVICE),
    }


def test_a_service_is_in_charge_once_it_has_heard_so() -> None:
    """Not before anybody was asked, and not while it is the main deployment's."""
    told = {"larder": Standing(charge=Charge.MAIN)}
    board = PlaceBoard(lambda: told)
    board.expect({"larder": Charge.SERVICE}, waits=True)
    assert not board.in_charge
    board.refresh()
    assert not board.in_charge
    assert not board.outdated, "it would begin anew again and again"
    told["larder"] = Standing(charge=Charge.SERVICE)
    board.refresh()
    assert board.in_charge
    told["larder"] = Standing(charge=Charge.MAIN)
    board.refresh()
    assert board.outdated == {"larder"}


def test_the_service_is_told_by_the_main_deployment(pair: Pair) -> None:
    """As it is stored at that moment, whatever the process that answers has heard."""
    from meishi.switches.charges import Charges

    with pair.host.within(DB_SCHEMA):
        charges = pair.host.calls.get(Charges)
        assert charges.of("larder") == Standing(charge=Charge.MAIN)
    with pair.main.connected() as connection:
        place(connection, "larder", "https://larder.example.com")
        connection.commit()
    with pair.host.within(DB_SCHEMA):
        assert pair.host.calls.get(Charges).of("larder") == Standing(charge=Charge.SERVICE)
