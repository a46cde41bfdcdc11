"""Sides of different versions: what both know works, and all else is refused in one line."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.doctor.findings import Severity
from meishi.doctor.services import service_findings
from meishi.events.across.following import Follower, followed
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.moves import side as moves
from meishi.moves.checking import check_service
from meishi.moves.refusals import MoveRefused
from meishi.placement import Placement
from meishi.remote.errors import RemoteCallError
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.events import PublishedEvents
from meishi.testing.packages import PluginPackages, plugin_packages

from .conftest import TOKEN, reserved_port, served, url_of

OLD, NEW, OTHER = "1.0", "1.1", "2.0"

CONTRACT = '''"""The tearoom's contract."""

from dataclasses import dataclass
from typing import Protocol

from meishi.sdk.contract import Event, command, query


@dataclass(frozen=True)
class Poured(Event):
    """Tea was poured."""

    event_type = "tearoom.poured.v1"
    subject = "tea"

    tea: str
{poured}

@dataclass(frozen=True)
class Pot:
    """A pot of tea."""

    tea: str
{pot}

class Tearoom(Protocol):
    """The tearoom's contract."""

    @query()
    def pot(self) -> Pot:
        """Return what is in the pot."""

    @command()
    def pour(self, tea: str{pour}) -> str:
        """Pour tea; return what came."""
{more}'''

_WISHES = '''
    @query()
    def wishes(self) -> int:
        """Return how many wishes there are."""
'''

CONTRACTS = {
    OLD: {"poured": "", "pot": "", "pour": "", "more": ""},
    NEW: {
        "poured": "    cups: int = 1\n",
        "pot": "    cups: int = 4\n",
        "pour": ", milk: bool = False",
        "more": _WISHES,
    },
    OTHER: {"poured": "", "pot": "    cups: int\n", "pour": ", cup: str", "more": ""},
}

PLUGIN = """
from meishi.sdk.context import publish
from meishi.sdk.plugin import Service, hookimpl

from tearoom.contract import Pot, Poured, Tearoom


class Room:
    def __init__(self, context):
        self.context = context

    def pot(self):
        return Pot("sencha", **{pot})

    def pour(self, tea, **wanted):
        publish(Poured(tea))
        return " ".join([tea, *sorted(wanted)])

    def wishes(self):
        return 3


@hookimpl
def services():
    return [Service(Tearoom, Room)]


@hookimpl
def event_types():
    return [Poured]
"""


@dataclass(frozen=True)
class Side:
    """An application that has one version of the tearoom."""

    app: Flask
    contract: ModuleType
    url: str

    @property
    def host(self) -> Host:
        """Its host."""
        found: Host = self.app.extensions["meishi"]
        return found


Versions = Callable[[str, str], "tuple[Side, Side]"]


@pytest.fixture(scope="module")
def databases(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[TestDatabases, TestDatabases]:
    """Lend databases of a main deployment and of a service: no version has tables of its own."""
    with plugin_packages(tmp_path_factory.mktemp("first")) as packages, ExitStack() as stack:
        _write(packages, OLD)
        main, service = (
            TestDatabases(meishi_server, settings)
            for settings in _settings(meishi_settings, "http://127.0.0.1:1", "http://127.0.0.1:2")
        )
        for found in (main, service):
            stack.enter_context(found.clone())
    return main, service


@pytest.fixture
def versions(
    databases: tuple[TestDatabases, TestDatabases], meishi_settings: Settings, tmp_path: Path
) -> Iterator[Versions]:
    """Serves a main deployment of one version and a service of another."""
    with ExitStack() as stack:

        def made(*pair: str) -> tuple[Side, Side]:
            places = [stack.enter_context(reserved_port()) for _ in range(2)]
            urls = [url_of(at) for at in places]
            sides = []
            for version, settings, at, url, lent in zip(
                pair, _settings(meishi_settings, *urls), places, urls, databases, strict=True
            ):
                location = stack.enter_context(lent.clone())
                with plugin_packages(tmp_path / url.rpartition(":")[2]) as packages:
                    _write(packages, version)
                    app = create_app(settings, location=location)
                    # These modules stay the application's own, whichever come next.
                    contract = importlib.import_module("tearoom.contract")
                stack.callback(app.extensions["meishi"].close)
                stack.enter_context(served(app, at))
                sides.append(Side(app, contract, url))
            return sides[0], sides[1]

        yield made


def _settings(settings: Settings, main_url: str, service_url: str) -> tuple[Settings, Settings]:
    main = replace(
        settings,
        deployment="tearoom",
        plugins=("tearoom",),
        plugins_listed=True,
        placements={"tearoom": Placement(url=service_url, token=TOKEN, seconds=20)},
    )
    service = replace(
        settings,
        deployment="tearoom_apart",
        only=("tearoom",),
        main_url=main_url,
        service_tokens=(TOKEN,),
    )
    return main, service


def _write(packages: PluginPackages, version: str) -> None:
    parts = CONTRACTS[version]
    packages.add(
        "tearoom",
        plugin=PLUGIN.replace("{pot}", "{'cups': 2}" if parts["pot"] else "{}"),
        files={"contract.py": CONTRACT.format(**parts)},
        version=version,
        scope="workspace",
        events={"emits": ["tearoom.poured.v1"]},
    )


@contextmanager
def _room(side: Side) -> Iterator[Any]:
    """Call the tearoom as a side knows it, in some workspace."""
    with side.host.scope(workspace=uuid4()):
        yield side.host.calls.get(side.contract.Tearoom)


@pytest.mark.parametrize(("main", "service"), [(NEW, OLD), (OLD, NEW)])
def test_what_both_know_works(versions: Versions, main: str, service: str) -> None:
    """A call without what is new, an answer with less or more in it, and events."""
    here, there = versions(main, service)
    with _room(here) as room:
        pot = room.pot()
        assert pot.tea == "sencha"
        assert getattr(pot, "cups", None) == (4 if main == NEW else None)
        assert room.pour("gyokuro") == "gyokuro"
    Ticker(there.host.within).tick()
    (whom,) = followed(here.host)
    follower = Follower(here.host, whom)
    while follower.step():
        continue
    (poured,) = PublishedEvents(here.host)(here.contract.Poured)
    assert poured == here.contract.Poured("gyokuro")


def test_what_the_older_side_does_not_know_is_refused(versions: Versions) -> None:
    """In one line that says that nothing has happened; the doctor says what it is before."""
    here, there = versions(NEW, OLD)
    with _room(here) as room:
        with pytest.raises(RemoteCallError) as refused:
            room.pour("gyokuro", milk=True)
        with pytest.raises(RemoteCallError) as unknown:
            room.wishes()
    assert str(refused.value).endswith(
        f"{there.url} answered 400: it cannot read the call; it may be of another version;"
        " nothing has happened"
    )
    assert f"{there.url} answered 404: it does not know this method" in str(unknown.value)
    assert not refused.value.may_have_happened
    assert PublishedEvents(there.host)() == []
    found = list(service_findings(here.host))
    assert {(item.code, item.severity) for item in found} == {("service-version", Severity.ERROR)}
    assert [item.message.removeprefix(f"tearoom at {there.url} ") for item in found] == [
        "has version 1.0, and here it is 1.1.",
        "has no Tearoom.wishes.",
        "takes no milk for Tearoom.pour.",
    ]


def test_a_newer_service_that_knows_all_that_we_do_is_no_fault(versions: Versions) -> None:
    """It is said all the same, as the sides should not stay like that."""
    here, there = versions(OLD, NEW)
    (found,) = service_findings(here.host)
    assert (found.code, found.severity) == ("service-version", Severity.WARNING)
    assert found.message == f"tearoom at {there.url} has version 1.1, and here it is 1.0."


@pytest.mark.parametrize("main", [OLD, NEW])
def test_a_contract_that_was_broken_is_refused_from_both_sides(
    versions: Versions, main: str
) -> None:
    """A new argument that must be there, and an answer that lacks what must be in it."""
    here, there = versions(main, OTHER)
    with _room(here) as room, pytest.raises(RemoteCallError, match="cannot read the call"):
        room.pour("gyokuro")
    assert PublishedEvents(there.host)() == []
    assert "wants cup for Tearoom.pour." in str(
        [item.message for item in service_findings(here.host)]
    )
    newer, _ = versions(OTHER, OLD)
    with _room(newer) as room, pytest.raises(RemoteCallError, match="does not fit the contract"):
        room.pot()
    assert "takes no cup for Tearoom.pour." in str(
        [item.message for item in service_findings(newer.host)]
    )


def test_a_move_to_another_version_is_refused(versions: Versions) -> None:
    """It is said how the service is another one, in words."""
    main, service = versions(NEW, OLD)
    here = main.host.plugins.contributions["tearoom"]
    assert here.placement is not None
    database = moves.Side("the service", "postgresql://nobody.asks")
    with pytest.raises(MoveRefused) as caught:
        check_service(main.host.ways, here.placement, here, database)
    assert (
        caught.value.message == f"tearoom at {service.url} has version {OLD}, and here it is {NEW}."
    )
