"""The web API as the demo uses it: from contacts to a code that can be scanned."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from meishi.demo.visitor import visit
from meishi.errors import OperatorError

#: Seconds that the server may take until it answers.
PATIENCE = 60.0

#: Letters of a word in which search forgives a missing one.
SHORTEST_MISTYPED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedCode:
    """A code that was made, fetched as an image and read like a camera would."""

    contact_name: str
    path: str
    png: bytes
    decodes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPage:
    """The public page of a card, reached through a code that leads there."""

    code_content: str
    url: str
    status: int
    exchanged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody typed, and the names of the contacts that were found."""

    typed: str
    hits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownContact:
    """What was made of one contact: a code that is a card, a page, a search that finds it."""

    code: ScannedCode
    page: OpenedPage
    search: Search


class DemoClient:
    """Calls the API with a token, and expects success."""

    def __init__(self, base_url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def contacts(self) -> tuple[int, int, list[dict[str, Any]]]:
        """Return the status, the number of contacts and the first of them."""
        response = self._http.get("/api/v1/contacts", params={"total": "true", "limit": 20})
        body = response.json()
        return response.status_code, body["total"], body["items"]

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what is at a path."""
        response = self._http.get(path, params=query)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def pages(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return all items of a list."""
        found = list[dict[str, Any]]()
        address: str | None = str(httpx.URL(path, params=query | {"limit": "200"}))
        while address:
            response = self._http.get(address)
            response.raise_for_status()
            found += response.json()["items"]
            address = response.links.get("next", {}).get("url")
        return found

    def finish(self, path: str) -> None:
        """Begin work that takes long, and wait for its end."""
        operation = self._post(path, {})
        while operation["state"] in {"waiting", "running"}:
            time.sleep(0.1)
            operation = self.get(f"/api/v1/operations/{operation['id']}")
        if operation["state"] != "succeeded":
            raise OperatorError(f"{path} ended as {operation['state']}: {operation['error']}")

    def ids_by_uid(self) -> dict[str, str]:
        """Return the ids of all contacts that have a UID."""
        found = self.pages("/api/v1/contacts", fields="id,uid")
        return {item["uid"]: item["id"] for item in found if item["uid"]}

    def relate(self, source: str, kind: str, target: str) -> bool:
        """Say what a contact is to another one; return whether that was new."""
        path = f"/api/v1/contacts/{source}/relationships"
        response = self._http.post(path, json={"target_id": target, "type": kind})
        if response.status_code == httpx.codes.CONFLICT:
            return False
        response.raise_for_status()
        return True

    def show(self, contact: dict[str, Any]) -> ShownContact:
        """Make a card of a contact, its codes and its page, and look for the contact."""
        card = self._post("/api/v1/qr/cards", {"contact_id": contact["id"]})
        return ShownContact(
            code=self._static_code(card, contact),
            page=self._opened_page(card),
            search=self._search(contact),
        )

    def _static_code(self, card: dict[str, Any], contact: dict[str, Any]) -> ScannedCode:
        """Make a card's static code, fetch the picture and decode it."""
        code = self._post("/api/v1/qr/codes", {"card_id": card["id"]})
        path = f"/api/v1/qr/codes/{code['id']}/render.png"
        response = self._http.get(path)
        response.raise_for_status()
        return ScannedCode(
            contact_name=contact["name"]["full"],
            path=path,
            png=response.content,
            decodes=_decoded(response.content) == code["content"].encode(),
        )

    def _opened_page(self, card: dict[str, Any]) -> OpenedPage:
        """Make a dynamic code of a card, and follow it to the card's page without a token."""
        code = self._post("/api/v1/qr/codes", {"card_id": card["id"], "kind": "dynamic"})
        page, exchanged = visit(code["content"])
        return OpenedPage(
            code_content=code["content"],
            url=card["page_url"],
            status=page.status_code,
            exchanged=exchanged,
        )

    def _search(self, contact: dict[str, Any]) -> Search:
        """Look for a contact by its name, as somebody types it in a hurry."""
        typed = with_typing_error(contact["name"]["full"])
        response = self._http.get("/api/v1/contacts", params={"q": typed, "limit": 5})
        response.raise_for_status()
        hits = tuple(item["name"]["full"] for item in response.json()["items"])
        return Search(typed=typed, hits=hits)

    def _post(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        response = self._http.post(path, json=document)
        response.raise_for_status()
        created: dict[str, Any] = response.json()
        return created


def with_typing_error(name: str) -> str:
    """Return the longest word of a name without its middle letter; a short one stays whole."""
    word = max(name.split(), key=len, default=name)
    middle = len(word) // 2
    return word if len(word) < SHORTEST_MISTYPED else word[:middle] + word[middle + 1 :]


def wait_until_healthy(base_url: str, is_running: Callable[[], bool], log: Path) -> None:
    """Return as soon as the server answers; raise with its last words if it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base_url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            if not is_running():
                break
        time.sleep(0.05)
    said = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in said if line.startswith("Error: ")] or said
    reason = errors[-1].removeprefix("Error: ") if errors else "it said nothing"
    raise OperatorError(f"The server did not start: {reason}")


def _decoded(png: bytes) -> bytes | None:
    """Read a QR code from a picture as a camera app would: any place, any angle."""
    import zxingcpp
    from PIL import Image

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"), formats=formats)
    return found[0].bytes if len(found) == 1 else None
