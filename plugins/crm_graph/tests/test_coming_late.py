"""A graph that begins late: it reads what was there before, and is like one that was there."""

from __future__ import annotations

import random
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import Contacts, SourceCard
from crm_graph.contract import Ties
from crm_graph.repository import states
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.sessions import WAITING

from .conftest import GraphClient

#: The graph is emptied, table by table, and read anew.
pytestmark = pytest.mark.inside

KINDS = ("friend", "muse", "kin", "agent", "met")
TABLES = ("place", "community", "state", "tie", "evidence", "alias", "node")
PEOPLE = "SELECT id, name, organisation, organisation_key FROM crm_graph.node ORDER BY id"
SUMS = "SELECT * FROM crm_graph.tie ORDER BY low, high"


def everything(workspace: WorkspaceUnderTest) -> tuple[list[Any], list[Any]]:
    """Return people and ties as they are stored."""
    with workspace.acting_as("crm_graph"):
        return execute(PEOPLE), execute(SUMS)


def begin_again(workspace: WorkspaceUnderTest) -> int:
    """Forget the graph, and read what was there before it; return in how many pages."""
    with workspace.acting_as("crm_graph"):
        for table in TABLES:
            execute(f"DELETE FROM crm_graph.{table}")
    pages, place = 0, None
    while pages == 0 or place is not None:
        with workspace.acting_as("crm_graph"):
            place = service(Ties).read_before(place)
        pages += 1
    return pages


@pytest.mark.parametrize("seed", [1, 2])
def test_it_ends_as_one_that_was_there_from_the_start(
    graph: GraphClient, workspace: WorkspaceUnderTest, seed: int
) -> None:
    """Whatever has happened to contacts and relationships before, delivered bit by bit."""
    chosen = random.Random(seed)
    living = graph.people("Anna", "Bo", organisation="Ek")
    related: set[tuple[str, str, str]] = set()
    for number in range(25):
        match chosen.randrange(6):
            case 0 | 1:
                living.append(graph.person(f"P{number}", chosen.choice(["Ek", "Bo", None])))
            case 2:
                graph.change(chosen.choice(living), {"organisation": chosen.choice(["Ek", "Bo"])})
            case 3:
                source, target = chosen.sample(living, 2)
                kind = chosen.choice([one for one in KINDS if (source, target, one) not in related])
                related.add((source, target, kind))
                graph.relate(source, target, kind)
            case 4:
                gone = living.pop(chosen.randrange(1, len(living)))
                graph.delete(gone)
                if chosen.random() < 0.5:
                    graph.send("POST", f"contacts/{gone}/restore", 200)
                    living.append(gone)
                elif len(living) < 2:
                    living.append(graph.person("Again", "Ek"))
            case _ if len(living) > 2:
                merged = living.pop()
                document = {"merged_ids": [merged]}
                graph.send("POST", f"contacts/{living[0]}/merge", 200, json=document)
        if chosen.random() < 0.3:
            graph.deliver()
    graph.deliver()
    before, ties = everything(workspace), graph.ties()
    assert before[1]
    begin_again(workspace)
    assert everything(workspace) == before
    assert graph.ties() == ties


def test_it_reads_page_by_page(graph: GraphClient, workspace: WorkspaceUnderTest) -> None:
    """Each page is a step by itself; all are read."""
    cards = (
        SourceCard(
            index=number, line=1, content=f"BEGIN:VCARD\r\nFN:P{number}\r\nEND:VCARD".encode()
        )
        for number in range(450)
    )
    with workspace.acting_as("crm_contacts"):
        service(Contacts).import_cards(tuple(cards))
    assert begin_again(workspace) == 4
    assert len(graph.get("nodes")["ids"]) == 450


def test_what_is_taken_back_while_it_is_read_does_not_come_back(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """Somebody who changes the graph keeps a page waiting, and it is read as it is behind them."""
    anna, bo = graph.people("Anna", "Bo")
    place: list[str | None] = []

    def read() -> None:
        with workspace.acting_as("crm_graph"):
            place.append(service(Ties).read_before(None))

    reading = Thread(target=read)
    with workspace.acting_as("crm_graph"):
        states.lock()
        reading.start()
        while execute(WAITING) == [(0,)]:
            assert reading.is_alive()
        graph.delete(bo)
    reading.join()
    assert place == ["relationship"]
    assert [ident for ident, *_ in everything(workspace)[0]] == [UUID(anna)]


def test_merges_in_the_wrong_order_lead_to_the_same_contact(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """What is followed late ends at the contact that stays; so does evidence that comes in late."""
    first, second, last, friend = graph.people("Anna", "Anna", "Anna", "Bo")
    graph.relate(first, friend)
    graph.deliver()
    for source, target in ((second, last), (first, second)):
        with workspace.acting_as("crm_graph"):
            service(Ties).move(UUID(source), UUID(target))
    low, high = sorted([last, friend])
    with workspace.acting_as("crm_graph"):
        rows = execute("SELECT low, high FROM crm_graph.evidence")
        assert service(Ties).move(UUID(first), UUID(second)) == 0
    assert rows == [(UUID(low), UUID(high))]
