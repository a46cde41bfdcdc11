"""The photo of a contact in its cards, what cards bring of it, and how ours is known again."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import msgspec

from crm_contacts.contract import Contact, ContactDraft, RawProperty

_PHOTO = "PHOTO"
#: Marks the photo that we wrote into a card. It tells nothing that is not known of the contact.
_OURS = "X-MEISHI-PHOTO"
#: As the line is read whose binary value is a JPEG in either version (RFC 2426, RFC 6350).
_PARAMETERS = {_OURS: ["1"], "TYPE": ["JPEG"], "ENCODING": ["b"]}
_BASE64 = frozenset({"b", "base64"})
#: What stands before the base64 of a URI that holds its picture (RFC 2397).
_IN_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
#: The preference of a property that says nothing of it (RFC 6350, 5.3), and of the one of old.
_LAST, _PREFERRED = 101, 1
_PREFERENCE = re.compile(r"[0-9]{1,3}")


def with_photo(document: bytes, photo: bytes) -> bytes:
    """Return the document of a contact with a JPEG in the place of what its card had brought."""
    found: dict[str, Any] = msgspec.json.decode(document)
    others = [item for item in found["raw"] if not is_photo(item["name"])]
    ours = {
        "name": _PHOTO, "value": b64encode(photo).decode(), "group": None,
        "parameters": _PARAMETERS,
    }  # fmt: skip
    return msgspec.json.encode(found | {"raw": [*others, ours]})


def with_brought(document: bytes, source: str) -> bytes | None:
    """Return the document of a contact whose photo was made of that which its card brought.

    It stays as it was, and stands before others. None if it is not among the raw properties.
    """
    found: dict[str, Any] = msgspec.json.decode(document)
    photos = [item for item in found["raw"] if is_photo(item["name"])]
    first = next((item for item in photos if source_of(item["value"]) == source), None)
    if first is None or first is photos[0]:
        return None if first is None else document
    others = [item for item in found["raw"] if item is not first]
    return msgspec.json.encode(found | {"raw": [first, *others]})


def is_ours(found: RawProperty) -> bool:
    """Whether a property of a card is a photo that we wrote into it."""
    return found.name == _PHOTO and any(name == _OURS for name, _ in found.parameters)


def without_ours(draft: ContactDraft) -> ContactDraft:
    """Return what a card says besides a photo that we wrote into it."""
    if not any(map(is_ours, draft.raw)):
        return draft
    return replace(draft, raw=tuple(found for found in draft.raw if not is_ours(found)))


def brought(raw: Iterable[RawProperty], known: Sequence[RawProperty] = ()) -> str | None:
    """Return the source of the picture that raw properties hold, of several the preferred one.

    What was `known` before brings nothing, nor does an address: there may be a stranger behind it.
    """
    found = [item for item in raw if is_photo(item.name) and is_inside(item)]
    if not found:
        return None
    before = {base64_of(item.value) for item in known if is_photo(item.name)}
    new = [item for item in found if base64_of(item.value) not in before]
    return source_of(min(new, key=_preference).value) if new else None


def brought_by_each(
    drafts: Mapping[UUID, ContactDraft], stored: Mapping[UUID, Contact]
) -> dict[UUID, str]:
    """Return the sources of the pictures that drafts bring which the stored contacts have not."""
    found = {
        key: brought(draft.raw, stored[key].raw if key in stored else ())
        for key, draft in drafts.items()
    }
    return {key: source for key, source in found.items() if source is not None}


def source_of(value: str) -> str:
    """Return what stands for the picture in a property, however the property holds it."""
    return sha256(base64_of(value).encode()).hexdigest()[:32]


def picture_in(value: str) -> bytes | None:
    """Return the file in the value of a property; None if that is no base64.

    Writers break its lines, leave its end out, and escape it where it stands in a URI.
    """
    text = "".join(unquote(base64_of(value)).split())
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_photo(name: str) -> bool:
    """Whether a property by this name holds a photo, or says where one is."""
    return name.upper() == _PHOTO


def is_inside(found: RawProperty) -> bool:
    """Whether a file itself stands in a property."""
    encodings = {value.lower() for name, values in found.parameters for value in values
                 if name.upper() == "ENCODING"}  # fmt: skip
    return not _BASE64.isdisjoint(encodings) or _IN_URI.match(found.value) is not None


def base64_of(value: str) -> str:
    """Return the base64 of a value that has a file, without what begins its URI."""
    match = _IN_URI.match(value)
    return value if match is None else value[match.end() :]


def _preference(found: RawProperty) -> int:
    """Return the place of a property among others; 1 is the first."""
    said = {name.upper(): values for name, values in found.parameters}
    if any(value.upper() == "PREF" for value in said.get("TYPE", ())):
        return _PREFERRED
    value = next(iter(said.get("PREF", ())), "")
    return int(value) if _PREFERENCE.fullmatch(value) else _LAST
