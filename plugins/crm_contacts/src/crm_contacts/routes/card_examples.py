"""Cards and contacts as the description of the web API shows them."""

from __future__ import annotations

from typing import Any

VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Lindqvist\r\nEND:VCARD\r\n"
JCARD: list[Any] = [
    "vcard",
    [["version", {}, "text", "4.0"], ["fn", {}, "text", "Anna Lindqvist"]],
]
JSCONTACT: dict[str, Any] = {
    "@type": "Card",
    "version": "1.0",
    "uid": "urn:uuid:01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
    "name": {"full": "Anna Lindqvist"},
}
DOCUMENT: dict[str, Any] = {
    "name": {"full": "Anna Lindqvist"},
    "emails": [{"address": "anna@example.com"}],
    "custom": {"score": 7.5},
}
