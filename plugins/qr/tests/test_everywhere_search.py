"""Cards in the search over all modules."""

from __future__ import annotations

from .conftest import ANNA, Json, QrClient


def found(qr: QrClient, text: str) -> list[Json]:
    """Search everything; again where a busy machine was too slow for a module to be in time."""
    answers = (_answer(qr, text) for _ in range(20))
    items = next(answer["items"] for answer in answers if not answer["incomplete"])
    return [item for item in items if item["kind"] == "cards"]


def _answer(qr: QrClient, text: str) -> Json:
    answer = qr.client.get("/api/v1/search", query_string={"q": text}, headers=qr.headers)
    assert answer.status_code == 200, answer.text
    document: Json | None = answer.json
    assert document is not None
    return document


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
