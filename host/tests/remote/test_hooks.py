"""The hooks of a plugin that runs elsewhere: asked there, and missed when nobody answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from meishi.declarations import HealthStatus
from meishi.personal_data.archive import write_archive
from meishi.personal_data.requests import Person, PersonalDataRequest
from meishi.remote.errors import RemoteCallError
from meishi.remote.standing_in import ANSWERS
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Split

PANEL = "/cashdesk/7?_panel=bakery.sold"
RECEIPTS = "/api/v1/cashdesk/receipts"


@contextmanager
def broken(part: str) -> Iterator[None]:
    """Have a part of the bakery fail until the block ends."""
    wrong: set[str] = import_module("bakery.hooks").BROKEN
    wrong.add(part)
    try:
        yield
    finally:
        wrong.remove(part)


def sell(split: Split, shared: WorkspaceUnderTest, item: str) -> None:
    """Sell something in the workspace."""
    with shared.acting_as("cashdesk"):
        split.host.calls.get(import_module("bakery.contract").Shelf).sell(item)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that comes by itself."""
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_panel_is_made_by_the_service(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """Of what it has, as the plugin there; with the values of the page's path."""
    sell(split, shared, "vase")
    assert f'hx-get="{PANEL}"' in owner.get("/cashdesk/7").text
    shown = owner.get(PANEL)
    assert shown.status_code == 200
    assert "Sold 1 to 7 as meishi_service_bakery_run" in shown.text


def test_a_panel_is_made_for_its_reader(split: Split, owner: Browser) -> None:
    """In their language, and its forms are those of their browser."""
    shown = owner.get(PANEL, headers={"Accept-Language": "de"})
    assert "Verkauft 0" in shown.text
    assert token_on(shown) == token_on(owner.get("/cashdesk/7"))


def test_a_panel_needs_its_permission(split: Split, owner: Browser) -> None:
    """As everywhere: it is not there for who may not see it."""
    assert "bakery.kept" not in owner.get("/cashdesk/7").text
    assert owner.get("/cashdesk/7?_panel=bakery.kept").status_code == 404


def test_a_panel_that_fails_shows_nothing(split: Split, owner: Browser) -> None:
    """Its plugin is at fault, and the service is well."""
    with broken("panel"):
        shown = owner.get(PANEL)
    assert (shown.status_code, shown.text) == (200, "")


def test_a_panel_of_a_silent_service_says_so_and_comes_back(split: Split, owner: Browser) -> None:
    """The page stands meanwhile."""
    with split.gates.closed():
        assert owner.get("/cashdesk/7").status_code == 200
        shown = owner.get(PANEL, headers={"Accept-Language": "de"})
        assert shown.status_code == 200
        assert "Das ist gerade nicht verfügbar." in shown.text
        assert f'hx-get="{PANEL}" hx-trigger="load delay:20s"' in shown.text
    until(lambda: "Sold 0 to 7" in owner.get(PANEL).text)


def receipts(split: Split, shared: WorkspaceUnderTest) -> dict[str, Any]:
    """Return what is added to each receipt, by the end of its id."""
    answer = split.main.test_client().get(RECEIPTS, headers=shared.headers)
    assert answer.status_code == 200, answer.text
    return {item["id"][-1]: item["extensions"] for item in (answer.json or {})["items"]}


def test_values_of_the_service_stand_in_resources_here(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """All are asked for at once; what the plugin has nothing for is null."""
    asked: list[Any] = import_module("bakery.hooks").LOADED
    asked.clear()
    sell(split, shared, "vase")
    found = receipts(split, shared)
    assert len(asked) == 1
    assert found["3"] == {"bakery": None}
    assert found["1"]["bakery"]["sold"] == 1
    assert found["1"]["bakery"]["by"].endswith("0001")
    assert found["1"]["bakery"]["role"] == "meishi_service_bakery_run"


def test_values_that_cannot_be_had_are_left_out(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """One that its schema refuses, all of a plugin that fails, or of a service that is down."""
    with broken("one"):
        found = receipts(split, shared)
        assert (found["1"], found["3"]) == ({}, {"bakery": None})
        assert found["2"]["bakery"]["sold"] == 0
    with broken("baskets"):
        assert receipts(split, shared) == {"1": {}, "2": {}, "3": {}}
    with split.gates.closed():
        assert receipts(split, shared) == {"1": {}, "2": {}, "3": {}}


def searched(split: Split, shared: WorkspaceUnderTest) -> tuple[list[str], list[Any]]:
    """Return the titles that are found for a vase, and who could not be asked."""
    answer = split.main.test_client().get("/api/v1/search?q=vase", headers=shared.headers)
    found = answer.json or {}
    return [item["title"] for item in found["items"]], [
        (item["plugin"], item["kind"]) for item in found["incomplete"]
    ]


def test_the_search_finds_what_the_service_has(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """And lists it as left out if it cannot be asked, or takes too long."""
    sell(split, shared, "vase")
    assert searched(split, shared) == (["vase"], [])
    with broken("sales"):
        begun = time.monotonic()
        assert searched(split, shared) == ([], [("bakery", "sales")])
        assert time.monotonic() - begun < 10
    with split.gates.closed():
        assert searched(split, shared) == ([], [("bakery", "sales")])


def person(shared: WorkspaceUnderTest, split: Split) -> PersonalDataRequest:
    """Return the request of somebody who is known by their address alone."""
    return PersonalDataRequest(split.host, Person(emails=("bo@example.com",)))


def test_people_get_what_the_service_holds_about_them(
    split: Split, shared: WorkspaceUnderTest, owner: Browser, tmp_path: Any
) -> None:
    """In the same file as everything else; of a silent service it says that it is missing."""
    sell(split, shared, "bo@example.com")
    with (tmp_path / "whole.zip").open("xb") as file:
        report = write_archive(file, person(shared, split).export)
    assert [(item.plugin, item.exported) for item in report.outcomes] == [("bakery", 1)]
    assert report.is_complete
    with split.gates.closed(), (tmp_path / "part.zip").open("xb") as file:
        report = write_archive(file, person(shared, split).export)
    assert not report.is_complete
    assert {item.failed for item in report.outcomes} == {
        "The service of bakery does not answer; ask again later."
    }


def test_people_are_forgotten_by_the_service(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """A service that is silent, or fails, is no service that has forgotten them."""
    sell(split, shared, "bo@example.com")
    with split.gates.closed():
        assert not person(shared, split).erase().is_complete
    split.host.ways.close()
    with broken("people"):
        assert not person(shared, split).erase().is_complete
    report = person(shared, split).erase()
    assert report.is_complete
    # The sale, and the answer to who sold it.
    assert ("bakery", 2) in [(item.plugin, item.erased) for item in report.outcomes]
    with shared.acting_as("cashdesk"):
        assert split.host.calls.get(import_module("bakery.contract").Shelf).count() == 0


def test_answers_that_name_a_person_are_forgotten_there_too(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """The host's own parts of a service hold something, with no plugin that tells of it."""
    sell(split, shared, "bo@example.com")
    answers = "SELECT count(*) FROM meishi_remote.answer WHERE call = 'bakery.Shelf.sell'"
    with split.service_host.within("meishi_remote") as scope:
        assert scope.work.execute(answers) == [(1,)]
    assert person(shared, split).erase().is_complete
    with split.service_host.within("meishi_remote") as scope:
        assert scope.work.execute(answers) == [(0,)]


def checks(split: Split) -> dict[str, HealthStatus]:
    """Return how each check of the bakery ends."""
    found = split.host.health.summary().checks
    return {item.name: item.status for item in found if item.plugin == "bakery"}


def test_the_health_of_a_service_is_told_here(split: Split, owner: Browser) -> None:
    """What its plugin checks, and whether it answers at all."""
    assert checks(split) == {"stock": HealthStatus.OK, ANSWERS: HealthStatus.OK}
    with broken("stock"):
        assert checks(split)["stock"] is HealthStatus.DEGRADED
    with split.gates.closed():
        assert checks(split)["stock"] is HealthStatus.FAILING
        with split.host.scope(plugin="bakery"):
            answers = split.host.plugins.contributions["bakery"].health[-1].check()
        assert answers.status is HealthStatus.FAILING
        assert split.service_url in answers.message


def test_the_metrics_of_a_service_are_read_here(split: Split, owner: Browser) -> None:
    """Under the plugin's name, as if it ran here."""
    from meishi.monitoring.collectors import Collectors

    host = split.host
    reading = Collectors(host.enabled, host.within, log_level="error").begin()
    samples = {family.name: family.samples for family in reading.collect()}
    (sample,) = samples["meishi_bakery_sale_items"]
    assert (sample.labels, sample.value) == ({"plugin": "bakery", "kind": "vase"}, 7)


def test_nobody_asks_for_a_plugin_that_is_not_the_services(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """Neither for a part of the host by its name, nor for one that runs elsewhere."""
    placement = split.host.plugins.contributions["bakery"].placement
    assert placement is not None
    there = split.host.ways.hooked(placement)
    with shared.acting_as("cashdesk"):
        for plugin in ("cashdesk", "identity", "meishi_remote", "nobody"):
            with pytest.raises(RemoteCallError):
                there.answers(plugin)
        assert there.answers("bakery")


def test_a_service_does_not_ask_for_hooks(
    split: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """What the main deployment has is behind contracts; these are its own to ask."""
    (back,) = {
        item.placement for item in split.service_host.plugins.active() if item.placement is not None
    }
    scope = split.service_host.scope(workspace=shared.id, plugin="bakery")
    with scope, pytest.raises(RemoteCallError, match="does not do this for us"):
        split.service_host.ways.hooked(back).answers("cashdesk")
