"""People who ask for what the graph knows of them, or to be forgotten."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from crm_graph.contract import Drawings
from crm_graph.service import people
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.sdk.plugin import DataSubject
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import GraphClient

#: What is asked of the plugin by the host; its tables are looked at afterwards.
pytestmark = pytest.mark.inside

MENTIONS = """
    SELECT 1 FROM crm_graph.node WHERE id = %(id)s
    UNION ALL SELECT 1 FROM crm_graph.evidence WHERE low = %(id)s OR high = %(id)s
    UNION ALL SELECT 1 FROM crm_graph.tie WHERE low = %(id)s OR high = %(id)s
    UNION ALL SELECT 1 FROM crm_graph.place WHERE contact_id = %(id)s
    UNION ALL SELECT 1 FROM crm_graph.alias WHERE id = %(id)s OR stands_for = %(id)s
"""


def drawn(graph: GraphClient, workspace: WorkspaceUnderTest) -> tuple[str, str]:
    """Return two people with ties, a twin merged into the first, and a place in the picture."""
    anna, twin, bo = graph.people("Anna", "Anna", "Bo", organisation="Ek")
    graph.relate(anna, bo)
    graph.deliver()
    graph.send("POST", f"contacts/{anna}/merge", 200, json={"merged_ids": [twin]})
    graph.deliver()
    with workspace.acting_as("crm_graph"):
        assert service(Drawings).draw() == 2
    return anna, bo


def test_people_see_what_is_known_of_them(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """Name, each piece of evidence, and the place in the picture."""
    anna, _ = drawn(graph, workspace)
    with workspace.acting_as("crm_graph"):
        found = list(people.export(DataSubject(contact_ids=(UUID(anna),))))
    assert sorted(record.kind for record in found) == ["evidence", "node", "place"]
    said = [json.loads(record.body) for record in found if record.kind == "node"]
    assert said == [{"name": "Anna", "organisation": "Ek"}]


def test_nothing_is_left_of_who_was_erased(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """In any table, and a second request finds nothing; others are still there."""
    anna, bo = drawn(graph, workspace)
    subject = DataSubject(contact_ids=(UUID(anna),))
    with workspace.acting_as("crm_graph"):
        assert people.erase(subject).erased > 0
    with workspace.acting_as("crm_graph"):
        assert people.erase(subject).erased == 0
        assert execute(MENTIONS, {"id": UUID(anna)}) == []
        assert execute(MENTIONS, {"id": UUID(bo)}) != []
