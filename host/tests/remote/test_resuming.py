"""Where what comes next is not kept any more, an operator is told what was missed, and goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import psycopg
import pytest

from meishi.cli import main
from meishi.doctor.services import followed_findings
from meishi.events.across.following import Follower, followed
from meishi.events.operations.errors import WrongState
from meishi.events.operations.resuming import Resuming
from meishi.remote.models import DB_SCHEMA
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split
from .test_following import follow_to_the_end, logged, sell

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ears() -> Any:
    """What the cashdesk has heard in this test."""
    found: Any = import_module("cashdesk.ears")
    for noted in (found.HEARD, found.READ, found.TOLD):
        noted.clear()
    return found


@pytest.fixture
def follower(split: Split) -> Follower:
    """What follows the bakery in the main deployment."""
    (whom,) = followed(split.host)
    return Follower(split.host, whom)


@pytest.fixture
def command(
    split: Split, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `meishi events follow` as the operator of the main deployment."""
    location = split.databases[0].location(str(split.host.engine.url.database))
    for name, value in {
        "DATABASE_URL": location.runtime_url,
        "DATABASE_ADMIN_URL": location.administrator_url(),
        "DEPLOYMENT": split.host.settings.deployment,
        "PLUGINS": "bakery,cashdesk",
        "HOME": str(split.host.settings.home),
        "PLUGIN__BAKERY__PLACEMENT": split.service_url,
        "PLUGIN__BAKERY__PLACEMENT_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(f"MEISHI_{name}", value)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["events", "follow", *arguments])
        printed = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, printed.out, printed.err

    return run


def lose(split: Split) -> None:
    """Have the main deployment know a cursor behind which the service keeps nothing any more."""
    location = split.databases[1].location(str(split.service_host.engine.url.database))
    with psycopg.connect(location.administrator_url()) as connection:
        connection.execute("DELETE FROM meishi_events.event")
    forget_cursor(split)


def forget_cursor(split: Split) -> None:
    """Have the main deployment know a cursor that the service does not."""
    with split.host.within(DB_SCHEMA) as scope:
        scope.work.execute(
            "UPDATE meishi_remote.followed SET cursor = 'AAAA', fault = 'gone' RETURNING 1"
        )


def test_an_operator_goes_on_from_what_is_kept(
    split: Split, shared: WorkspaceUnderTest, follower: Follower, ears: Any
) -> None:
    """Nothing comes twice, and who can read the past reads it before anything else."""
    deliver = EventDeliveries(split.host)
    deliver.register()
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    deliver()
    assert (ears.HEARD, ears.TOLD, ears.READ) == (["bread"], ["bread"], [None])
    lose(split)
    sell(split, shared, "roll")
    missed = Resuming(split.host, "bakery").resume()
    assert missed.read_again == ("cashdesk.sales",)
    assert missed.without == ("analytics.roll-ups", "cashdesk.bell")
    assert missed.until is not None
    assert [row[2] for row in logged(split.host)] == ["bread", "roll"]
    assert list(followed_findings(split.host)) == []
    sell(split, shared, "cake")
    follow_to_the_end(follower)
    deliver()
    deliver()
    assert ears.READ == [None, None]
    assert (ears.HEARD, ears.TOLD) == (["bread", "roll", "cake"], ["bread", "roll", "cake"])
    assert logged(split.host)[1:] == logged(split.service_host)


def test_who_has_all_is_told_so(
    split: Split, shared: WorkspaceUnderTest, follower: Follower, command: Command
) -> None:
    """Where the other side was put back, all that it keeps was taken; what it says may differ."""
    sell(split, shared, "bread", "roll")
    follow_to_the_end(follower)
    forget_cursor(split)
    code, out, err = command("bakery", "--resume")
    assert (code, out) == (1, "")
    assert "No events of bakery were missed" in err
    assert "without them" not in err
    code, out, _ = command("bakery", "--resume", "--yes")
    assert code == 0
    assert "cashdesk.sales reads once more" in out
    assert "cashdesk.bell" not in out
    assert logged(split.host) == logged(split.service_host)


def test_what_was_missed_is_told_first(
    split: Split, shared: WorkspaceUnderTest, follower: Follower, command: Command
) -> None:
    """From when to when; without a yes nothing is changed, and afterwards all is well."""
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    lose(split)
    sell(split, shared, "roll")
    code, out, err = command("bakery", "--resume")
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"
    assert (code, out) == (1, "")
    assert re.search(rf"Events of bakery were missed from {time} to {time}\.", err)
    assert "--yes" in err
    (finding,) = followed_findings(split.host)
    assert finding.command == "meishi events follow bakery --resume"
    code, out, err = command("bakery", "--resume", "--yes")
    assert (code, err) == (0, "")
    assert "cashdesk.sales reads once more what there is, before anything else." in out
    assert "cashdesk.bell has missed them: it has nothing to read them from." in out
    assert out.endswith("bakery is followed again.\n")
    assert list(followed_findings(split.host)) == []
    lose(split)
    code, out, _ = command("bakery", "--resume", "--yes", "--json")
    assert json.loads(out)["read_again"] == ["cashdesk.sales"]


def test_where_nothing_was_missed_nothing_is_done(
    split: Split, shared: WorkspaceUnderTest, follower: Follower, command: Command
) -> None:
    """Nor where nobody is followed, or does not answer: one line and a hint."""
    assert "were never followed" in command("bakery", "--resume", "--yes")[2]
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    code, out, err = command("bakery", "--resume", "--yes")
    assert (code, out) == (1, "")
    assert "Events of bakery are followed; nothing was missed." in err
    assert "There are: bakery." in command("qr", "--resume", "--yes")[2]
    assert "Did you mean 'bakery'?" in command("bakry", "--resume", "--yes")[2]
    with split.gates.closed():
        err = command("bakery", "--resume", "--yes")[2]
    assert "bakery does not answer: " in err
    assert len(logged(split.host)) == 1


def test_who_comes_second_does_nothing(
    split: Split, shared: WorkspaceUnderTest, follower: Follower
) -> None:
    """What the first one has taken stays as it is."""
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    lose(split)
    first, second = (Resuming(split.host, "bakery") for _ in range(2))
    first.resume()
    with pytest.raises(WrongState, match="nothing was missed"):
        second.resume()
    assert len(logged(split.host)) == 1
