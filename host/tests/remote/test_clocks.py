"""The clock of a deployment: services follow the main deployment's, whatever theirs say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishi.clock import utc_now
from meishi.remote.clocks import DeploymentClock
from meishi.remote.wire import NOW, UnreadableHeader
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split

SALES = "/api/v1/bakery/sales"
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machine:
    """A machine's clock that a test puts on."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        """Return what it was put on."""
        return self.time


@pytest.mark.no_calls
@given(
    off=st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    ways=st.lists(st.timedeltas(timedelta(), SECOND), min_size=1),
)
def test_who_follows_is_never_ahead_and_behind_by_the_shortest_way(
    off: timedelta, ways: list[timedelta]
) -> None:
    """However far apart the machines' clocks are, and however long messages take."""
    main, service = Machine(NOON), Machine(NOON + off)
    followed, following = (DeploymentClock(one, follows=one is service) for one in (main, service))
    before = NOON - timedelta(days=1000)
    for way in ways:
        ((_, said),) = followed.told()
        main.time += way
        service.time += way
        following.hear(said)
        assert following() >= before
        before = following()
    assert followed() - following() == min(ways)
    assert following.told() == []


@pytest.mark.no_calls
def test_a_clock_that_was_put_back_is_followed() -> None:
    """A difference that no way explains is one of clocks."""
    main, service = Machine(NOON), Machine(NOON)
    followed, following = (DeploymentClock(one, follows=one is service) for one in (main, service))
    following.hear(followed.told()[0][1])
    main.time -= timedelta(minutes=5)
    following.hear(followed.told()[0][1])
    assert following() == main.time


@pytest.mark.no_calls
@pytest.mark.parametrize("said", ["", "noon", "2030-06-01T12:00:00", "2030-13-01T00:00:00Z"])
def test_what_is_no_time_changes_nothing(said: str) -> None:
    """It is said, instead of guessed."""
    clock = DeploymentClock(Machine(NOON), follows=True)
    with pytest.raises(UnreadableHeader, match=NOW):
        clock.hear(said)
    assert clock() == NOON


@pytest.mark.no_calls
def test_who_does_not_follow_hears_nothing() -> None:
    """The main deployment's clock is its own, and so is one that nothing is said to."""
    clock = DeploymentClock(Machine(NOON), follows=False)
    clock.hear((NOON + SECOND).isoformat())
    assert clock() == NOON
    following = DeploymentClock(Machine(NOON), follows=True)
    following.hear(None)
    assert following() == NOON


def test_nobody_but_main_tells_a_service_the_time(
    split: Split, shared: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without main's token the header changes nothing; with it, rubbish is refused."""
    monkeypatch.setattr(split.service_host, "clock", DeploymentClock(Machine(NOON), follows=True))
    client = split.service.test_client()
    client.get(SALES, headers=shared.headers | {NOW: utc_now().isoformat()})
    assert split.service_host.clock() == NOON
    answer = client.get(SALES, headers={"Authorization": f"Bearer {TOKEN}", NOW: "soon"})
    assert (answer.status_code, split.service_host.clock()) == (400, NOON)


def test_a_service_hears_the_time_when_it_asks(
    split: Split, shared: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker is asked by nobody."""
    from meishi.core.identity.contract import Workspaces

    monkeypatch.setattr(split.service_host, "clock", DeploymentClock(Machine(NOON), follows=True))
    line = next(iter(split.service_host.ways._lines.values()))
    monkeypatch.setattr(line, "_clock", split.service_host.clock)
    with split.service_host.scope(workspace=shared.id):
        assert len(split.service_host.service(Workspaces).all()) == 1
    assert abs(split.service_host.clock() - utc_now()) < timedelta(minutes=1)
