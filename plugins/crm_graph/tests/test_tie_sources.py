"""Other plugins as sources of ties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from crm_contacts.contract import ContactDraft, Contacts, Name, Timelines
from crm_graph.contract import (
    Evidence,
    EvidencePage,
    Graph,
    Ties,
    TieSource,
    UnknownTieSource,
)
from meishi.sdk.context import service
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages
from meishi.testing.types import EmbeddedPostgres, Settings

SOURCE = "meetings.calendar"
PLUGIN = """
from datetime import UTC, datetime
from uuid import UUID
from meishi.sdk.context import service
from meishi.sdk.plugin import *

def read(after):
    from crm_contacts.contract import Contacts
    from crm_graph.contract import Evidence, EvidencePage
    page = service(Contacts).list(limit=2)
    ids = [contact.id for contact in page.items]
    item = Evidence(key=after or "first", source_id=ids[0], target_id=ids[1], mutual=True)
    return EvidencePage(items=(item,), next_after="second" if after is None else None)

@hookimpl(optionalhook=True)
def graph_tie_sources():
    from crm_graph.contract import TieSource
    return [TieSource(name="calendar", title="Meetings", read=read, weight=3.0)]
"""


@pytest.fixture(scope="module")
def with_meetings(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """An application with a plugin that knows of meetings."""

    def write(packages: PluginPackages) -> None:
        packages.add(
            "meetings",
            plugin=PLUGIN,
            requires={"crm_contacts": ">=0"},
            after={"crm_graph": ">=0"},
        )

    settings = replace(
        meishi_settings,
        deployment="meetings",
        plugins=("crm_contacts", "crm_graph", "meetings"),
    )
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write) as found:
        yield found


@pytest.fixture
def here(with_meetings: TestApplication) -> Iterator[WorkspaceUnderTest]:
    """A workspace of that application."""
    with with_meetings.lent():
        yield found_workspace(with_meetings.host, "one")


@pytest.fixture
def pair(here: WorkspaceUnderTest) -> tuple[UUID, UUID]:
    """Two contacts that the graph knows, and nothing ties."""
    with here.acting_as("crm_graph"):
        first, second = (
            service(Contacts).create(ContactDraft(name=Name(full=name))).id for name in ("A", "B")
        )
        service(Ties).follow_contacts((first, second))
    return first, second


def met(key: str, pair: tuple[UUID, UUID], at: datetime | None = None) -> Evidence:
    """Return a meeting of two people."""
    return Evidence(key=key, source_id=pair[0], target_id=pair[1], mutual=True, occurred_at=at)


def record(here: WorkspaceUnderTest, *evidence: Evidence) -> float:
    """Record meetings; return the weight of the only reason, 0 if there is none."""
    with here.acting_as("crm_graph"):
        service(Ties).record(SOURCE, evidence)
    with here.acting_as("crm_graph"):
        (tie,) = service(Graph).strongest(evidence[0].source_id)
        (reason,) = service(Graph).tie(tie.source.id, tie.target.id).reasons
        assert reason.source == SOURCE
        return reason.weight


def test_what_a_source_records_ties(here: WorkspaceUnderTest, pair: tuple[UUID, UUID]) -> None:
    """With its weight, which halves in 90 days; the same key again is the same meeting."""
    now = datetime.now(UTC)
    assert record(here, met("one", pair, now)) == pytest.approx(3.0, rel=0.01)
    assert record(here, met("one", pair, now - timedelta(days=90))) == pytest.approx(1.5, rel=0.01)
    assert record(here, met("two", pair)) == pytest.approx(4.5, rel=0.01)


def test_what_is_ahead_counts_as_of_now(here: WorkspaceUnderTest, pair: tuple[UUID, UUID]) -> None:
    """A meeting next year ties no more than one today, and one long ago still says so."""
    assert record(here, met("one", pair, datetime(9000, 1, 1, tzinfo=UTC))) < 3.1
    assert 0 <= record(here, met("one", pair, datetime(2, 1, 1, tzinfo=UTC))) < 0.01


def test_what_is_retracted_ties_no_more(here: WorkspaceUnderTest, pair: tuple[UUID, UUID]) -> None:
    """The tie goes with its last evidence."""
    record(here, met("one", pair))
    with here.acting_as("crm_graph"):
        service(Ties).retract(SOURCE, ("one", "unheard-of"))
    with here.acting_as("crm_graph"):
        assert service(Graph).strongest(pair[0]) == ()


def test_evidence_waits_for_its_people(here: WorkspaceUnderTest, pair: tuple[UUID, UUID]) -> None:
    """Of somebody who is not there it makes no tie, and none of somebody with themselves."""
    with here.acting_as("crm_graph"):
        alone = met("alone", (pair[0], pair[0]))
        service(Ties).record(SOURCE, (met("one", (pair[0], uuid4())), alone))
    with here.acting_as("crm_graph"):
        assert service(Graph).strongest(pair[0]) == ()


def test_what_a_source_finds_is_told_on_timelines_once(
    here: WorkspaceUnderTest, with_meetings: TestApplication, pair: tuple[UUID, UUID]
) -> None:
    """One entry for all ties of a contact that it tells of at once; strength has its own."""
    deliver = EventDeliveries(with_meetings.host)
    deliver.register()
    deliver()  # what the source knew before ties the first two, and is told nowhere
    with here.acting_as("crm_graph"):
        third = service(Contacts).create(ContactDraft(name=Name(full="C"))).id
        service(Ties).follow_contacts((third,))
    first, second = pair

    def told(contact_id: UUID) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        deliver()
        with here.acting_as("crm_graph"):
            found = service(Timelines).list(contact_id).items
        return [(item.kind, item.details) for item in found if item.plugin == "crm_graph"]

    found = ("ties_found", (("source", SOURCE),))
    with here.acting_as("crm_graph"):
        service(Ties).record(SOURCE, (met("one", (second, third)), met("two", (first, third))))
    assert [told(item) for item in (first, second, third)] == [[found]] * 3
    with here.acting_as("crm_graph"):
        service(Ties).record(SOURCE, (met("three", (second, third)),))
    assert [told(item) for item in (first, second)] == [[found], [("ties_strengthened", ()), found]]
    with here.acting_as("crm_graph"):
        service(Ties).retract(SOURCE, ("one", "two", "three"))
    assert told(first) == [found]


def test_nobody_records_in_the_name_of_no_source(here: WorkspaceUnderTest) -> None:
    """Neither of the graph's own sources nor of one that no plugin declares."""
    for name in ("meetings.other", "calendar", "relationship", "organisation"):
        with here.acting_as("crm_graph"), pytest.raises(UnknownTieSource, match=name):
            service(Ties).record(name, ())


def test_what_a_source_knew_before_is_read(
    here: WorkspaceUnderTest, pair: tuple[UUID, UUID]
) -> None:
    """Behind the contacts and relationships, page by page."""
    place: str | None = None
    places = []
    for _ in range(4):
        with here.acting_as("crm_graph"):
            place = service(Ties).read_before(place)
        places.append(place)
    assert places == ["relationship", SOURCE, f"{SOURCE} second", None]
    with here.acting_as("crm_graph"):
        (reason,) = service(Graph).tie(*pair).reasons
    assert (reason.count, reason.weight, reason.last_at) == (2, 6.0, None)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    """Strengths made of it would be none either, and the whole graph could not be drawn."""
    with pytest.raises(ValueError, match="weigh"):
        TieSource(name="calendar", title="Meetings", read=_nothing, weight=weight)


@pytest.mark.parametrize("name", ["", "my calendar", "Calendar", "a.b"])
def test_a_name_that_is_no_word_is_refused(name: str) -> None:
    """What such a source knew before would never be read, as places in it could not be named."""
    with pytest.raises(ValueError, match="called"):
        TieSource(name=name, title="Meetings", read=_nothing)


def _nothing(_: str | None) -> EvidencePage:
    return EvidencePage(items=(), next_after=None)


def test_without_cards_there_are_no_exchanges(here: WorkspaceUnderTest) -> None:
    """Where the module of cards does not run, the graph does without."""
    with here.acting_as("crm_graph"):
        assert service(Ties).read_exchanges_before(None) is None
