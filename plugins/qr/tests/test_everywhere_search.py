"""Cards in the search over all modules."""

from __future__ import annotations

from .conftest import ANNA, Json, QrClient


def found(qr: QrClient, text: str) -> list[Json]:
    """Search everything."""
    answer = qr.client.get("/api/v1/search", query_string={"q": text}, headers=qr.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["incomplete"] == []
    return [item for item in answer.json["items"] if item["kind"] == "cards"]


def test_cards_are_found_by_any_part_of_their_title(qr: QrClient) -> None:
    """In any case, those that begin with it first; signs of patterns are signs like others."""
    card = qr.card(ANNA | {"name": {"full": "Marianna 100%"}})
    other = qr.card(ANNA | {"name": {"full": "anna_b"}})
    assert [item["id"] for item in found(qr, "ANNA")] == [other["id"], card["id"]]
    assert found(qr, "100%") == [
        {
            "plugin": "qr",
            "kind": "cards",
            "id": card["id"],
            "title": "Marianna 100%",
            "subtitle": f"/p/{card['slug']}",
            "path": f"/qr/{card['id']}",
        }
    ]
    assert [item["id"] for item in found(qr, "_")] == [other["id"]]
    assert found(qr, "Žofie") == []
