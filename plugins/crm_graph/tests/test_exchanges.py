"""Cards that were exchanged tie people."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from crm_graph.contract import Ties
from meishi.sdk.context import publish, service
from meishi.sdk.database import execute
from meishi.testing.types import Host, WorkspaceUnderTest
from qr.contract import ExchangeRecorded, Exchanges, Visit, VisitorDetails

from .conftest import GraphClient, tuple_of

pytestmark = pytest.mark.beside("qr")

#: The words of today, as the page of a card shows them.
CONSENT = "2026-11"


def leave(graph: GraphClient, workspace: WorkspaceUnderTest, owner: str) -> None:
    """Let a visitor leave a card at that of a contact, and a contact be made of it."""
    card = graph.send("POST", "qr/cards", 201, json={"contact_id": owner}).json
    with workspace.acting_as("qr"):
        assert service(Exchanges).leave_card(
            uuid4(),
            card["slug"],
            VisitorDetails(name="Visitor", email="v@example.org"),
            consent_version=CONSENT,
            visit=Visit(),
        )


def test_an_exchange_ties_the_visitor_to_whose_card_it_was(
    graph: GraphClient, plugin_host: Host, workspace: WorkspaceUnderTest
) -> None:
    """Both have met; and a graph that begins later knows it as well."""
    owner = graph.person("Owner")
    leave(graph, workspace, owner)
    ((pair, strength),) = graph.ties().items()
    assert owner in pair
    (reason,) = graph.get(f"ties/{pair[0]}/{pair[1]}")["reasons"]
    assert (reason["source"], reason["count"]) == ("exchange", 1)
    assert reason["weight"] == pytest.approx(2.0, rel=0.02)
    with plugin_host.scope(workspace=workspace.id, plugin="crm_graph"):
        execute("DELETE FROM crm_graph.evidence")
        execute("DELETE FROM crm_graph.tie")
        execute("UPDATE crm_graph.state SET version = version + 1, stamp = gen_random_uuid()")
    assert graph.ties() == {}
    with plugin_host.scope(workspace=workspace.id, plugin="crm_graph"):
        assert service(Ties).read_exchanges_before(None) is None
    assert graph.ties() == {pair: pytest.approx(strength, rel=0.01)}


def test_an_exchange_of_somebody_merged_ties_who_stays(
    graph: GraphClient, workspace: WorkspaceUnderTest
) -> None:
    """Even if it is heard after the merge."""
    owner, visitor, twin = graph.people("Owner", "Visitor", "Visitor")
    graph.deliver()
    graph.send("POST", f"contacts/{visitor}/merge", 200, json={"merged_ids": [twin]})
    graph.deliver()
    with workspace.acting_as("qr"):
        publish(
            ExchangeRecorded(
                exchange_id=uuid4(),
                card_id=uuid4(),
                contact_id=UUID(owner),
                visitor_contact_id=UUID(twin),
            )
        )
    assert graph.ties().keys() == {tuple_of(owner, visitor)}
