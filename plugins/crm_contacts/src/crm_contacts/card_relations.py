"""Relationships in cards: a RELATED (RFC 6350, 6.6.6) for each contact that one is related to.

It refers to the other one by UID. A contact without one is called by its id as a URN, in its card
and where others refer to it, and is known by that again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import ContactDraft, RawProperty, RelationshipType
from crm_contacts.validation import note_errors
from crm_contacts.vcard import escape_uri, unescape

RELATED = "RELATED"
#: The parameter with the note of a relationship, of which no standard has one.
NOTE = "X-MEISHI-NOTE"

_URN = "urn:uuid:"
_TYPES = frozenset(RelationshipType)


@dataclass(frozen=True, slots=True)
class Related:
    """What a card says of whom its contact is related to: by which types, and with which note."""

    uid: str
    types: tuple[RelationshipType, ...]
    note: str | None


def own_uid(contact_id: UUID) -> str:
    """Return what a contact without a UID is called in cards."""
    return f"{_URN}{contact_id}"


def named_id(uid: str) -> UUID | None:
    """Return the id of the contact that is called so; None if it is the UID of any other."""
    try:
        found = UUID(uid.removeprefix(_URN))
    except ValueError:
        return None
    return found if own_uid(found) == uid else None


def related(raw: RawProperty) -> Related | None:
    """Return what a property says of a relationship; None if it is no such, or says more."""
    if raw.name.upper() != RELATED or raw.group:
        return None
    said = {name.upper(): values for name, values in raw.parameters}
    kinds = {kind.lower() for kind in said.pop("VALUE", ())}
    types = tuple(dict.fromkeys(kind.lower() for kind in said.pop("TYPE", ())))
    notes = said.pop(NOTE, ())
    note = notes[0] if notes and notes[0].strip() else None
    uid = unescape(raw.value).strip()
    fits = kinds <= {"uri"} and types and _TYPES.issuperset(types) and len(notes) <= 1
    if said or not fits or not uid or any(note_errors(note)):
        return None
    return Related(uid, tuple(map(RelationshipType, types)), note)


def related_of(draft: ContactDraft) -> Iterator[Related]:
    """Yield what a draft says of relationships."""
    return (found for raw in draft.raw if (found := related(raw)) is not None)


def without(draft: ContactDraft, taken: Iterable[str]) -> ContactDraft:
    """Return a draft that does not say any more how it is related to those with some UIDs."""
    known = frozenset(taken)
    left = tuple(
        raw for raw in draft.raw if (found := related(raw)) is None or found.uid not in known
    )
    return replace(draft, raw=left)


def with_relations(
    document: bytes, relations: Sequence[tuple[str, RelationshipType, str | None]]
) -> bytes:
    """Return the document of a contact that is related to others with its relationships in `raw`.

    They are given as the UID of the other one, what it is, and the note. A document without a UID
    has that by which others refer to it.
    """
    found: dict[str, Any] = msgspec.json.decode(document)
    found["uid"] = found["uid"] or own_uid(UUID(found["id"]))
    said: dict[tuple[str, str | None], list[str]] = {}
    for uid, kind, note in relations:
        said.setdefault((uid, note), []).append(kind.value)
    lines = [
        {"name": RELATED, "value": escape_uri(uid), "group": None,
         "parameters": _parameters(types, note)}
        for (uid, note), types in said.items()
    ]  # fmt: skip
    found["raw"] += [line for line in lines if line not in found["raw"]]
    return msgspec.json.encode(found)


def _parameters(types: Sequence[str], note: str | None) -> Mapping[str, Sequence[str]]:
    return {"TYPE": types} | ({NOTE: [note]} if note else {})
