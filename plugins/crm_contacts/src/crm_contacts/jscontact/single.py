"""Members of JSContact that a card has one of, and those that are sets of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_contacts.jscontact.values import is_utc, utc_of
from crm_contacts.vcard import Property, escape, escape_uri, split_items, unescape

#: Members by the property that each of them is.
SINGLE = {
    "UID": "uid",
    "KIND": "kind",
    "PRODID": "prodId",
    "REV": "updated",
    "CREATED": "created",
}
_PROPERTIES = {member: name for name, member in SINGLE.items()}
_MOMENTS = frozenset({"updated", "created"})
_SETS = {"MEMBER": "members", "RELATED": "relatedTo"}


def single_value(found: Property) -> tuple[str, str | None, bool]:
    """Return a member and its value, and whether that is all that a property says.

    The value is None where the member cannot say it.
    """
    member = SINGLE[found.name]
    text = unescape(found.value).strip()
    value = utc_of(text) if member in _MOMENTS else text or None
    return member, value, value is not None and single_property(member, value) == found


def single_property(member: str, value: object) -> Property | None:
    """Return the property that such a member is; None if its value says none."""
    if member not in _PROPERTIES or not isinstance(value, str) or not value.strip():
        return None
    if member not in _MOMENTS:
        return Property(_PROPERTIES[member], _stored(escape(value)))
    if not is_utc(value):
        return None
    return Property(_PROPERTIES[member], value.replace("-", "").replace(":", ""))


def keywords(found: Sequence[Property]) -> dict[str, Any] | None:
    """Return the keywords that one CATEGORIES lists; None if there is more to it."""
    said = {"keywords": dict.fromkeys(split_items(found[0].value), True)}
    return said if set_properties("keywords", said["keywords"]) == list(found) else None


def relations(found: Sequence[Property]) -> dict[str, Any] | None:
    """Return the members of a group, or whom one is related to; None if there is more to it."""
    member = _SETS[found[0].name]
    said: dict[str, Any] = {}
    for item in found:
        value: object = True
        if member == "relatedTo":
            value = {"relation": dict.fromkeys(item.parameter("TYPE"), True)}
        said[unescape(item.value)] = value
    return {member: said} if set_properties(member, said) == list(found) else None


def set_properties(member: str, said: object) -> list[Property] | None:
    """Return the properties that a set of texts is; None if it says anything else."""
    if not isinstance(said, dict) or not said or not all(text.strip() for text in said):
        return None
    match member:
        case "keywords" if _all_true(said):
            return [Property("CATEGORIES", _stored(",".join(map(escape, said))))]
        case "members" if _all_true(said):
            return [Property("MEMBER", _stored(escape_uri(text))) for text in said]
        case "relatedTo":
            return _related(said)
    return None


def _related(said: Mapping[str, Any]) -> list[Property] | None:
    found = []
    for text, value in said.items():
        types = value.get("relation") if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(types, dict) or not _all_true(types):
            return None
        words = tuple(_stored(word) for word in types)
        parameters = (("TYPE", words),) if words else ()
        found.append(Property("RELATED", _stored(escape_uri(text)), None, parameters))
    return found


def _all_true(said: Mapping[str, Any]) -> bool:
    return all(value is True for value in said.values())


def _stored(text: str) -> str:
    return text.replace("\0", "")
