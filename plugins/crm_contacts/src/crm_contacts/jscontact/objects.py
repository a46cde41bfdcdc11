"""One object of JSContact and the property that it is, without loss in either direction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm_contacts.jcard import LINE, parameters_of, params_of
from crm_contacts.jscontact.kinds import Kind, kind_of
from crm_contacts.jscontact.values import members_of, name_components, name_value, value_of
from crm_contacts.vcard import (
    Property,
    as_data_uri,
    content_line,
    escape,
    from_data_uri,
    read_line,
    unescape,
)

PARAMS = "vCardParams"

_PREFERENCE = re.compile(r"100|[1-9][0-9]?")
_MOST_PREFERENCE = 100
#: Says that a profile is known by the name of its user, and no URI is.
_BY_USER = ("VALUE", ("text",))
_BY_URI = ("VALUE", ("uri",))

JsonObject = dict[str, Any]


def object_of(kind: Kind, found: Property) -> JsonObject | None:
    """Return the object that says a property, for which `property_of` gives `found`.

    None if no object of this kind can say the value at all. What the object leaves open stands
    beside it as a line of vCard 4.0, among `vCardParams`.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    said = _plain_object(kind, found)
    if said is None or _plain_property(kind, said) == found:
        return said
    return with_lines(said, [found])


def property_of(collection: str, said: Mapping[str, Any]) -> Property | None:
    """Return the property that an object of a collection is; None if nobody knows."""
    plain, lines = without_lines(said)
    kind = kind_of(collection, plain)
    if kind is None:
        return None
    for line in lines:
        if line.name == kind.name and _plain_object(kind, line) == plain:
            return line
    return _plain_property(kind, plain)


def name_of(full: Property | None, parts: Property | None) -> JsonObject:
    """Return the name that an FN and an N say, as `properties_of_name` reads it."""
    said = _plain_name(full, parts)
    found = [item for item in (full, parts) if item is not None]
    return said if _plain_properties(said) == found else with_lines(said, found)


def properties_of_name(said: Mapping[str, Any]) -> list[Property]:
    """Return the FN and the N that a name says, as far as it does."""
    plain, lines = without_lines(said)
    if lines:
        full, parts = (_named(lines, name) for name in ("FN", "N"))
        if _plain_name(full, parts) == plain:
            return [item for item in (full, parts) if item is not None]
    return _plain_properties(plain)


def with_lines(said: JsonObject, found: Sequence[Property]) -> JsonObject:
    """Return an object with the lines of the properties that it is."""
    lines = [content_line(item) for item in found]
    params = said.get(PARAMS, {}) | {LINE: lines[0] if len(lines) == 1 else lines}
    return said | {PARAMS: params}


def without_lines(said: Mapping[str, Any]) -> tuple[JsonObject, list[Property]]:
    """Return an object without such lines, and what those say."""
    params = said.get(PARAMS)
    if not isinstance(params, dict) or LINE not in params:
        return dict(said), []
    rest = {name: value for name, value in params.items() if name != LINE}
    plain = {name: value for name, value in said.items() if name != PARAMS}
    lines = params[LINE] if isinstance(params[LINE], list) else [params[LINE]]
    found = [read_line(line) for line in lines if isinstance(line, str)]
    return plain | ({PARAMS: rest} if rest else {}), [item for item in found if item is not None]


def _plain_object(kind: Kind, found: Property) -> JsonObject | None:
    written = as_data_uri(found)
    said = members_of(kind, written.value)
    if said is None:
        return None
    result: JsonObject = {**kind.fixed, **said}
    parameters = written.parameters
    if kind.name == "SOCIALPROFILE" and _BY_USER in parameters:
        user = ("USERNAME", (result.pop(kind.main),))
        parameters = (*(item for item in parameters if item not in {_BY_USER, user}), user)
    if kind.name == "TEL" and _is_tel_uri(written.value):
        parameters = tuple(item for item in parameters if item != _BY_URI)
    rest = []
    for name, values in parameters:
        only = values[0] if len(values) == 1 else None
        if name == "TYPE":
            unknown = _put_types(kind, result, values)
            if unknown:
                rest.append((name, unknown))
        elif name == "PREF" and only is not None and _PREFERENCE.fullmatch(only):
            result["pref"] = int(only)
        elif name in kind.members and only:
            result[kind.members[name]] = only
        else:
            rest.append((name, values))
    params = params_of(tuple(rest), written.group)
    return result | ({PARAMS: params} if params else {})


def _put_types(kind: Kind, result: JsonObject, values: Sequence[str]) -> tuple[str, ...]:
    """Put types into the members that say them, and return those that none does."""
    unknown = []
    for value in values:
        for member, words in (("contexts", kind.contexts), ("features", kind.features)):
            if value.lower() in words:
                result.setdefault(member, {})[words[value.lower()]] = True
                break
        else:
            unknown.append(value)
    return tuple(unknown)


def _plain_property(kind: Kind, said: Mapping[str, Any]) -> Property | None:
    value = value_of(kind, said)
    by_user = value is None and kind.name == "SOCIALPROFILE"
    if by_user and isinstance(said.get("user"), str) and said["user"].strip():
        value = escape(said["user"])
    if value is None:
        return None
    params = said.get(PARAMS)
    parameters, group = parameters_of(params if isinstance(params, dict) else {})
    types = [*_types(said.get("contexts"), kind.contexts)]
    types += _types(said.get("features"), kind.features)
    rest = []
    for name, values in parameters:
        if name == "TYPE":
            types += values
        else:
            rest.append((name, values))
    for name, member in kind.members.items():
        if isinstance(said.get(member), str) and said[member]:
            rest.append((name, (said[member],)))
    if by_user:
        rest.append(_BY_USER)
    preference = said.get("pref")
    if type(preference) is int and 0 < preference <= _MOST_PREFERENCE:
        rest.append(("PREF", (str(preference),)))
    if kind.name == "TEL" and _is_tel_uri(value):
        rest.insert(0, _BY_URI)
    typed = [("TYPE", tuple(types)), *rest] if types else rest
    cleaned = tuple((name, tuple(_stored(text) for text in values)) for name, values in typed)
    return from_data_uri(Property(kind.name, _stored(value), group, cleaned))


def _is_tel_uri(value: str) -> bool:
    return value[:4].lower() == "tel:"


def _types(said: object, words: Mapping[str, str]) -> list[str]:
    back = {word: name for name, word in words.items()}
    chosen = said if isinstance(said, dict) else {}
    return [back[word] for word, value in chosen.items() if value is True and word in back]


def _plain_name(full: Property | None, parts: Property | None) -> JsonObject:
    said: JsonObject = {}
    if full is not None:
        said["full"] = unescape(full.value).strip()
    components = name_components(parts.value) if parts is not None else []
    return said | ({"components": components} if components else {})


def _plain_properties(said: Mapping[str, Any]) -> list[Property]:
    found = []
    full, parts = said.get("full"), name_value(said.get("components"))
    if isinstance(full, str) and full.strip():
        found.append(Property("FN", _stored(escape(full))))
    if parts is not None:
        found.append(Property("N", _stored(parts)))
    return found


def _named(found: Sequence[Property], name: str) -> Property | None:
    return next((item for item in found if item.name == name), None)


def _stored(text: str) -> str:
    return text.replace("\0", "")
