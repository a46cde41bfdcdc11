"""What of a JSContact card no property of vCard says: kept as JSPROP (RFC 9555, section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_contacts.jscontact.kinds import COLLECTIONS
from crm_contacts.jscontact.objects import JsonObject, properties_of_name, property_of
from crm_contacts.json_values import JsonError, decode_json, encode_json
from crm_contacts.vcard import Property, escape, unescape

_NAME = "JSPROP"
_POINTER = "JSPTR"

#: Names of types of JSContact that are clear from where an object stands (RFC 9553, 1.3.4).
_TYPES = frozenset(
    {
        *("Name", "NameComponent", "Nickname", "Organization", "OrgUnit", "Title", "SpeakToAs"),
        *("EmailAddress", "OnlineService", "Phone", "LanguagePref", "Calendar", "Address"),
        *("SchedulingAddress", "AddressComponent", "CryptoKey", "Directory", "Link", "Media"),
        *("Anniversary", "PartialDate", "Timestamp", "Note", "Author", "PersonalInfo", "Relation"),
    }
)


def kept(path: tuple[str, ...], value: object) -> Property:
    """Return the property that keeps a value at a path of the card."""
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in path)
    text = escape(encode_json(value))
    return Property(_NAME, text, None, ((_POINTER, (pointer.replace("\0", ""),)),))


def unsaid(said: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an object that are not said by what is written of it `again`."""
    if said == again:
        return {}
    return {
        name: value
        for name, value in said.items()
        if _bare(value) != _bare(again.get(name)) and not _is_clear(name, value)
    }


def put_back(found: Property, card: JsonObject) -> bool:
    """Put what a JSPROP keeps where it was; False if it is none, or that says more there now.

    An object with it must read as the same properties as without it.
    """
    pointers = found.parameter(_POINTER)
    if found.name != _NAME or len(pointers) != 1 or len(found.parameters) != 1 or found.group:
        return False
    path = [step.replace("~1", "/").replace("~0", "~") for step in pointers[0].split("/")]
    path = path[1:] if len(path) > 1 and not path[0] else path
    try:
        value = decode_json(unescape(found.value).encode())
    except JsonError:
        return False
    return kept(tuple(path), value) == found and _put(path, value, card)


def _put(path: list[str], value: object, card: JsonObject) -> bool:
    top, *rest = path
    match rest:
        case [] if top not in card and top not in {"vCardProps", "uid"}:
            card[top] = value
            return True
        case [member] if top == "name":
            return _put_in_name(card, member, value)
        case [identifier] if top in COLLECTIONS and identifier not in card.get(top, {}):
            if isinstance(value, dict) and property_of(top, value) is not None:
                return False
            card.setdefault(top, {})[identifier] = value
            return True
        case [identifier, member] if top in COLLECTIONS and identifier in card.get(top, {}):
            return _put_in_object(top, card[top], identifier, {member: value})
    return False


def _put_in_name(card: JsonObject, member: str, value: object) -> bool:
    said = card.get("name", {})
    patched = said | {member: value}
    if properties_of_name(patched) != properties_of_name(said):
        return False
    card["name"] = patched
    return True


def _put_in_object(top: str, collection: JsonObject, identifier: str, more: JsonObject) -> bool:
    said = collection[identifier]
    if not isinstance(said, dict) or ("label" in more and "label" in said):
        return False
    if property_of(top, said | more) != property_of(top, said):
        return False
    collection[identifier] = said | more
    return True


def _is_clear(name: str, value: object) -> bool:
    return name == "@type" and isinstance(value, str) and value in _TYPES


def _bare(value: object) -> object:
    """Return a value without the types that are clear anyway."""
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if not _is_clear(name, item)}
    return [_bare(item) for item in value] if isinstance(value, list) else value
