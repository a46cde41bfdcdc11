"""Cards of contacts that were merged into others."""

from __future__ import annotations

from uuid import UUID, uuid4

from meishi.sdk.plugin import MergeReport
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries
from qr.subscribers import on_contact_merged

from .conftest import ANNA, QrClient


def test_cards_move_to_the_contact_that_stays(
    qr: QrClient, deliver_events: EventDeliveries
) -> None:
    """After the merge was delivered; what was printed leads to the same card as before."""
    first, second = qr.card(), qr.card()
    bystander = qr.card()
    target = qr.make("contacts", ANNA)["id"]
    merged = [first["contact_id"], second["contact_id"]]
    qr.make(f"contacts/{target}/merge", {"merged_ids": merged}, 200)
    assert qr.get(f"cards/{first['id']}").json["contact_id"] == first["contact_id"]
    deliver_events()
    for card in (first, second):
        found = qr.get(f"cards/{card['id']}").json
        assert (found["contact_id"], found["slug"]) == (target, card["slug"])
        assert found["version"] == card["version"] + 1
    assert qr.get(f"cards/{bystander['id']}").json == bystander


def test_a_merge_that_comes_again_moves_nothing(
    workspace: WorkspaceUnderTest, qr: QrClient
) -> None:
    """The handler says how many cards it has moved, and leaves alone what has been moved."""
    card = qr.card()
    source, target = UUID(card["contact_id"]), uuid4()
    reports = []
    for _ in range(2):
        with workspace.acting_as("qr"):
            reports.append(on_contact_merged(source, target))
    assert reports == [
        MergeReport(moved={"card": 1, "exchange": 0}),
        MergeReport(moved={"card": 0, "exchange": 0}),
    ]
