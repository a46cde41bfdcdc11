"""Where a plugin runs is known to operators, and the doctor sees whether it is well there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from meishi.context import Actor
from meishi.doctor.examination import examine
from meishi.doctor.findings import Finding
from meishi.doctor.services import followed_findings, service_findings
from meishi.host import Host
from meishi.placement import Placement
from meishi.remote.plugins import PATH, read
from meishi.settings import Settings
from meishi.switches.interface import PluginSwitches
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.servers import answering, scripted_server

from .conftest import TOKEN, Split, reserved_port, url_of

JSON = "Content-Type: application/json"
STRANGE = "another-token-of-services-nobody-guesses"


@contextmanager
def placed_at(host: Host, url: str, token: str = TOKEN) -> Iterator[Host]:
    """Lend a host like another one whose neighbours are said to be somewhere."""
    plugins = replace(
        host.plugins,
        contributions={
            name: item if item.placement is None
            else replace(item, placement=Placement(url=url, token=token))
            for name, item in host.plugins.contributions.items()
        },
    )  # fmt: skip
    database = host.engine.url.render_as_string(hide_password=False)
    with closing(Host(host.settings, plugins, database)) as made:
        yield made


def found_at(host: Host, url: str, token: str = TOKEN) -> dict[str, Finding]:
    """Return what is found of neighbours that are said to be somewhere."""
    with placed_at(host, url, token) as examined:
        return codes(service_findings(examined))


def codes(found: Iterator[Finding]) -> dict[str, Finding]:
    """Return findings by their codes; each is an error, and tells no token."""
    listed = list(found)
    by_code = {item.code: item for item in listed}
    assert len(by_code) == len(listed), listed
    assert TOKEN not in str(listed)
    return by_code


@contextmanager
def telling(*plugins: dict[str, Any]) -> Iterator[str]:
    """Run a service that tells this of its plugins."""
    body = json.dumps({"plugins": plugins}).encode()
    with scripted_server(answering("200 OK", body, JSON)) as server:
        yield server.url


def test_where_all_is_well_nothing_is_found(split: Split) -> None:
    """On both sides; each asks the other."""
    for host, url in ((split.host, split.service_url), (split.service_host, split.main_url)):
        assert codes(service_findings(host)) == {}
        assert codes(followed_findings(host)) == {}
        with placed_at(host, url) as examined:
            assert "service" not in str([item.code for item in examine(examined, network=False)])


def test_a_service_that_does_not_answer(split: Split) -> None:
    """It is told which, and where; from the service the main deployment is."""
    with reserved_port() as closed:
        url = url_of(closed)
        found = found_at(split.host, url)["service-away"]
        assert (found.plugin, found.command) == ("bakery", "meishi serve --only bakery")
        assert found.message.startswith(
            f"The service of bakery does not answer: {url} cannot be reached"
        )
        found = found_at(split.service_host, url)["service-away"]
    assert (found.plugin, found.command) == ("meishi", "meishi serve")
    assert found.message.startswith("The main deployment does not answer: ")


def test_a_service_whose_codes_name_another_address(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints would lead nobody anywhere; the main deployment says where people reach it."""
    public = "https://cards.example.com"
    monkeypatch.setattr(split.host, "settings", replace(split.host.settings, public_url=public))
    found = codes(service_findings(split.service_host))["public-address"]
    assert found.message == (
        f"Codes and links made here name {split.main_url}; the main deployment is at {public}."
    )
    assert (found.plugin, found.command) == ("meishi", f"export MEISHI_PUBLIC_URL={public}")
    here = split.service_host
    monkeypatch.setattr(here, "settings", replace(here.settings, public_url=public))
    assert codes(service_findings(here)) == {}
    assert codes(service_findings(split.host)) == {}


@pytest.mark.parametrize("side", ["host", "service_host"])
def test_the_rest_is_examined_where_the_other_side_is_away(split: Split, side: str) -> None:
    """The doctor has no other need of it."""
    with reserved_port() as closed, placed_at(getattr(split, side), url_of(closed)) as host:
        assert "service-away" in [item.code for item in examine(host, network=False)]


def test_a_token_that_the_service_does_not_know(split: Split) -> None:
    """The command names the setting, and shows nothing of it."""
    found = found_at(split.host, split.service_url, STRANGE)["service-refuses"]
    assert (
        found.message == f"The service of bakery at {split.service_url} does not accept our token."
    )
    assert found.command == "export MEISHI_PLUGIN__BAKERY__PLACEMENT_TOKEN=…"
    found = found_at(split.service_host, split.main_url, STRANGE)["service-refuses"]
    assert found.command == "export MEISHI_SERVICE_TOKENS=…"


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        ([], "service-lacks", "answers, and bakery does not run there."),
        (
            [{"name": "bakery", "version": "0.9"}],
            "service-version",
            "has version 0.9, and here it is 1.0.",
        ),
        (
            [{"name": "bakery", "version": "1.0", "contracts": {"Shelf": ["count", "sell"]}}],
            "service-version",
            "has no Shelf.bake, Shelf.break_down, Shelf.greeting, Shelf.rung, ",
        ),
        ([{"name": 3}], "service-away", "gave what is no list of plugins"),
    ],
)
def test_a_service_with_other_plugins(
    split: Split, told: list[dict[str, Any]], code: str, message: str
) -> None:
    """The packages differ, or it runs something else."""
    with telling(*told) as url:
        found = found_at(split.host, url)
    assert list(found) == [code]
    assert message in found[code].message


def test_events_that_are_not_followed_any_more(split: Split) -> None:
    """The fault is told, and whose; the command says what was missed."""
    with split.host.within("meishi_remote") as scope:
        scope.work.execute(
            "INSERT INTO meishi_remote.followed (place, cursor, fault)"
            " VALUES ('bakery', 'c', 'it is gone'), ('cashdesk', 'c', NULL)"
        )
    found = codes(followed_findings(split.host))["not-followed"]
    assert found.plugin == "bakery"
    assert found.message == "Events of bakery are not followed any more: it is gone."
    assert found.command == "meishi events follow bakery --resume"


def test_neighbours_are_told_what_they_may_call(split: Split) -> None:
    """The main deployment hears of all that runs in a service, a service of what it may call."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = split.service.test_client().get(PATH, headers=headers)
    (bakery,) = (one for one in read(answer.data).plugins if one.name == "bakery")
    assert (answer.status_code, bakery.version) == (200, "1.0")
    assert "sell" in bakery.contracts["Shelf"]
    answer = split.main.test_client().get(PATH, headers=headers)
    found = read(answer.data).plugins
    assert {item.name: set(item.contracts) for item in found} == {
        "identity": {"Workspaces"},
        "meishi_imports": {"KeptFiles"},
        "meishi_plugins": {"Charges", "SwitchStates"},
        "meishi_settings": {"StoredSettings"},
    }


@pytest.mark.parametrize("token", [None, "Bearer msh_1"])
def test_strangers_are_told_nothing(split: Split, token: str | None) -> None:
    """Neither by the main deployment nor by a service."""
    for app in (split.main, split.service):
        headers = {} if token is None else {"Authorization": token}
        assert app.test_client().get(PATH, headers=headers).status_code == 401


def test_a_deployment_in_one_piece_has_no_such_address(
    client: Any, meishi_settings: Settings
) -> None:
    """Nobody may ask, so nothing answers."""
    assert client.get(PATH, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_operators_see_where_a_plugin_runs(split: Split, shared: WorkspaceUnderTest) -> None:
    """Members see that it does so elsewhere, and no address."""
    actor = Actor(user_id=shared.owner_id)
    with split.host.scope(workspace=shared.id, actor=actor, plugin="meishi_plugins"):
        switches = split.host.service(PluginSwitches)
        found = {item.name: item for item in switches.all()}
        assert (found["bakery"].elsewhere, found["cashdesk"].elsewhere) == (True, False)
        assert switches.condition("bakery").placement == split.service_url
        assert switches.condition("cashdesk").placement is None
        assert split.service_url not in str(found)
