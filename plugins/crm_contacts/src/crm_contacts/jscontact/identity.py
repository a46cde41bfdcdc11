"""Identifiers: of cards that have none of their own, and of the objects in a card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import msgspec

from crm_contacts.vcard import Property

ID = "PROP-ID"

#: Names the identifiers that are made up for cards.
_NAMESPACE = UUID("7c1b7a8e-5f0d-4c9e-9f43-2c0d6a3e9b51")
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)


def made_up_uid(card: Mapping[str, Any]) -> str:
    """Return the UID of a card that says none: the same whenever it says the same."""
    said = {name: value for name, value in card.items() if name != "uid"}
    return f"urn:uuid:{uuid5(_NAMESPACE, msgspec.json.encode(said, order='sorted').decode())}"


def taken_id(found: Property, letter: str, objects: Mapping[str, Any]) -> tuple[str, Property]:
    """Return the identifier of the next object of a collection, and the property without it."""
    place = len(objects) + 1
    stated = found.parameter(ID)
    if len(stated) == 1 and _ID.fullmatch(stated[0]) and stated[0] not in objects:
        rest = tuple(item for item in found.parameters if item[0] != ID)
        return stated[0], replace(found, parameters=rest)
    made = f"{letter}{place}"
    while made in objects:
        made += "x"
    return made, found


def with_id(found: Property, identifier: str) -> Property:
    """Return a property with the identifier that its object had."""
    return replace(found, parameters=(*found.parameters, (ID, (identifier,))))


def is_default_id(identifier: str, letter: str, place: int) -> bool:
    """Whether an identifier is the one that the object at this place is given."""
    return identifier.rstrip("x") == f"{letter}{place}"
