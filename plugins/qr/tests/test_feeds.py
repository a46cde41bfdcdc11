"""Feeds of changes of cards and of codes."""

from __future__ import annotations

from .conftest import Json, QrClient


class Copy:
    """A copy that is kept by a feed alone."""

    def __init__(self, qr: QrClient, kind: str) -> None:
        self._qr = qr
        self._path = f"{kind}/changes?limit=1"
        self._since = ""
        self.items: dict[str, Json] = {}

    def follow(self) -> list[str]:
        """Read a round, and return the ids that it told."""
        told, more = [], True
        while more:
            page = self._qr.get(f"{self._path}{self._since}").json
            for item in page["items"]:
                told.append(item["id"])
                self.items.pop(item["id"], None)
                if not item.get("deleted"):
                    self.items[item["id"]] = item
            self._since, more = f"&since={page['next']}", page["more"]
        return told


def listed(qr: QrClient, kind: str) -> dict[str, Json]:
    """Return what a list shows, by id."""
    return {item["id"]: item for item in qr.get(f"{kind}?limit=200").json["items"]}


def test_feed_of_cards_tells_new_and_changed_ones(qr: QrClient) -> None:
    """As the list shows them; a change of the contact is none of its card's."""
    first, second = qr.card(), qr.card()
    copy = Copy(qr, "cards")
    assert copy.follow() == [first["id"], second["id"]]
    assert copy.follow() == []
    qr.change(f"cards/{first['id']}", {"title": "Other"})
    third = qr.card()
    assert copy.follow() == [first["id"], third["id"]]
    assert copy.items == listed(qr, "cards")
    assert copy.items[first["id"]]["title"] == "Other"


def test_feed_of_codes_tells_deleted_and_restored_ones_too(qr: QrClient) -> None:
    """A code out of use leaves the copy, and comes back as it was printed."""
    codes = [qr.code(kind="dynamic") for _ in range(3)]
    copy = Copy(qr, "codes")
    copy.follow()
    path = f"codes/{codes[1]['id']}"
    qr.delete(path)
    qr.change(f"codes/{codes[0]['id']}", {"label": "Batch 3"})
    assert copy.follow() == [codes[1]["id"], codes[0]["id"]]
    assert set(copy.items) == {codes[0]["id"], codes[2]["id"]}
    qr.send("POST", f"{path}/restore", 200)
    assert copy.follow() == [codes[1]["id"]]
    assert copy.items == listed(qr, "codes")
    assert copy.follow() == []
