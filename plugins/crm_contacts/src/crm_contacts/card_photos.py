"""The photo of a contact in its cards, and how it is known again when such a card comes in."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

import msgspec

from crm_contacts.contract import ContactDraft, RawProperty

_PHOTO = "PHOTO"
#: Marks the photo that we wrote into a card. It tells nothing that is not known of the contact.
_OURS = "X-MEISHI-PHOTO"
#: As the line is read whose binary value is a JPEG in either version (RFC 2426, RFC 6350).
_PARAMETERS = {_OURS: ["1"], "TYPE": ["JPEG"], "ENCODING": ["b"]}


def with_photo(document: bytes, photo: bytes) -> bytes:
    """Return the document of a contact with a JPEG in the place of what its card had brought."""
    found: dict[str, Any] = msgspec.json.decode(document)
    others = [item for item in found["raw"] if item["name"].upper() != _PHOTO]
    ours = {
        "name": _PHOTO, "value": b64encode(photo).decode(), "group": None,
        "parameters": _PARAMETERS,
    }  # fmt: skip
    return msgspec.json.encode(found | {"raw": [*others, ours]})


def is_ours(found: RawProperty) -> bool:
    """Whether a property of a card is a photo that we wrote into it."""
    return found.name == _PHOTO and any(name == _OURS for name, _ in found.parameters)


def without_ours(draft: ContactDraft) -> ContactDraft:
    """Return what a card says besides a photo that we wrote into it."""
    if not any(map(is_ours, draft.raw)):
        return draft
    return replace(draft, raw=tuple(found for found in draft.raw if not is_ours(found)))
