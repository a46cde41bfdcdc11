"""Merges that are taken back: what other plugins had moved goes back, or somebody is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from meishi.declarations import MergeReport, UnmergeReport
from meishi.testing.events import EventDeliveries

from .conftest import Reading
from .shelves import CRITIC, acting, merged, unmerged


def entries(reading: Reading) -> list[tuple[str, str, list[str]]]:
    """Return what the critic did, as the audit has it: action, resource and what changed."""
    answer = reading.app.test_client().get(
        "/api/v1/audit/entries", headers=reading.workspace.headers
    )
    assert answer.json is not None
    return [
        (item["action"], item["resource_id"], item["changed"])
        for item in answer.json["items"]
        if item["action"].startswith(f"{CRITIC}.")
    ]


def test_what_had_moved_goes_back(
    reading: Reading, deliver: EventDeliveries, capfd: pytest.CaptureFixture[str]
) -> None:
    """After the commit; log and audit say what went, and what stays."""
    target, source = uuid4(), uuid4()
    reading.review(source, f"Of {source}.")
    reading.review(target, "Old.")
    reading.publish(merged(target, source))
    deliver()
    assert set(reading.reviews()) == {target}
    reading.publish(unmerged(target, source))
    capfd.readouterr()
    deliver()
    assert reading.reviews() == {source: [f"Of {source}."], target: ["Old."]}
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (told,) = [line for line in lines if line["event"] == "unmerge followed"]
    assert (told["sources"], told["target"]) == ([str(source)], str(target))
    assert (told["returned"], told["kept"]) == ({"review": 1}, {})
    assert entries(reading)[0] == ("critic.unmerge-followed", str(source), ["review"])


def test_what_stays_is_in_the_audit(reading: Reading, deliver: EventDeliveries) -> None:
    """By its kind, so that somebody can look for it."""
    target, source = uuid4(), uuid4()
    reading.publish(unmerged(target, source))
    deliver()
    assert entries(reading) == [
        ("critic.unmerge-followed", str(source), ["review (kept)"]),
    ]


def test_it_never_overtakes_its_merge(reading: Reading, deliver: EventDeliveries) -> None:
    """As long as the merge cannot be followed, what takes it back waits behind it."""
    target, source = uuid4(), uuid4()
    reading.review(source, f"Of {source}.")
    seen: list[str] = []

    def fail(_source: UUID, _target: UUID, _report: MergeReport) -> MergeReport:
        raise ZeroDivisionError

    def note(_sources: tuple[UUID, ...], _target: UUID, report: UnmergeReport) -> UnmergeReport:
        seen.append("undone")
        return report

    reading.publish(merged(target, source))
    reading.publish(unmerged(target, source))
    with acting(note, "undo"):
        with acting(fail, "follow"):
            deliver(failures=True)
            assert seen == []
        deliver.retry()
    assert seen == ["undone"]
    assert set(reading.reviews()) == {source}


def test_undoing_without_a_report_has_failed(reading: Reading, deliver: EventDeliveries) -> None:
    """What it gave back is undone: nobody could be told of it."""
    target, source = uuid4(), uuid4()
    reading.review(target, f"Of {source}.")
    reading.publish(unmerged(target, source))
    with acting(lambda _sources, _target, _report: None, "undo"):
        deliver(failures=True)
    assert set(reading.reviews()) == {target}
    (row,) = reading.admin.execute("SELECT error FROM meishi_events.parked").fetchall()
    assert "undoing a merge must return an UnmergeReport, not a NoneType" in row[0]


@pytest.fixture
def no_undo(reading: Reading) -> Iterator[None]:
    """The critic's handler knows no way back; it was handed out when the application started."""
    (handler,) = reading.host.plugins.contributions[CRITIC].merge_handlers
    undo = handler.undo
    object.__setattr__(handler, "undo", None)
    yield
    object.__setattr__(handler, "undo", undo)


@pytest.mark.usefixtures("no_undo")
def test_who_cannot_undo_is_named(reading: Reading, deliver: EventDeliveries) -> None:
    """A plugin without `undo` keeps all with the target, and the audit says so."""
    target, source = uuid4(), uuid4()
    reading.review(target, f"Of {source}.")
    reading.publish(unmerged(target, source))
    deliver()
    assert set(reading.reviews()) == {target}
    assert entries(reading) == [("critic.unmerge-not-followed", str(target), [])]
