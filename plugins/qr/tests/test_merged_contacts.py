"""Cards of contacts that were merged into others."""

from __future__ import annotations

from uuid import UUID, uuid4

from meishi.sdk.plugin import MergeReport, UnmergeReport
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries
from qr.subscribers import on_contact_merged, on_contact_unmerged

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


def test_cards_go_back_when_a_merge_is_taken_back(
    qr: QrClient, deliver_events: EventDeliveries
) -> None:
    """Those that came from the contact, as they are by now; what the other made stays with it."""
    moved, own = qr.card(), qr.card()
    source, target = moved["contact_id"], own["contact_id"]
    qr.make(f"contacts/{target}/merge", {"merged_ids": [source]}, 200)
    deliver_events()
    qr.change(f"cards/{moved['id']}", {"title": "Changed since"})
    since = qr.make("qr/cards", {"contact_id": target})
    qr.make(f"contacts/{source}/unmerge", {}, 200)
    deliver_events()
    found = qr.get(f"cards/{moved['id']}").json
    assert (found["contact_id"], found["title"]) == (source, "Changed since")
    for card in (own, since):
        assert qr.get(f"cards/{card['id']}").json["contact_id"] == target


def test_chains_give_back_what_was_whose(workspace: WorkspaceUnderTest, qr: QrClient) -> None:
    """Of A→B→C the merge of B is taken back with A's in it; A's then goes back to A."""
    cards = [qr.card() for _ in range(3)]
    a, b, c = (UUID(card["contact_id"]) for card in cards)

    def owners() -> list[UUID]:
        return [UUID(qr.get(f"cards/{card['id']}").json["contact_id"]) for card in cards]

    with workspace.acting_as("qr"):
        on_contact_merged(a, b)
        for source in (b, a):
            on_contact_merged(source, c)
    assert owners() == [c, c, c]
    with workspace.acting_as("qr"):
        assert on_contact_unmerged((b, a), c).returned["card"] == 2
    assert owners() == [b, b, c]
    with workspace.acting_as("qr"):
        assert on_contact_unmerged((a,), b).returned["card"] == 1
        assert on_contact_unmerged((a,), b) == UnmergeReport(
            returned={"card": 0, "exchange": 0}, kept={"card": 0, "exchange": 0}
        )
    assert owners() == [a, b, c]


def test_what_is_anothers_by_now_is_told(workspace: WorkspaceUnderTest, qr: QrClient) -> None:
    """A card that went on with another contact stays there, and the report counts it."""
    card = qr.card()
    source, target, third = UUID(card["contact_id"]), uuid4(), uuid4()
    with workspace.acting_as("qr"):
        on_contact_merged(source, target)
        on_contact_merged(target, third)
        report = on_contact_unmerged((source,), target)
    assert (report.returned["card"], report.kept["card"]) == (0, 1)
