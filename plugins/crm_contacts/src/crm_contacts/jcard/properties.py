"""A property of a card as jCard has it, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from crm_contacts.contract import Parameters
from crm_contacts.jcard.dates import as_in_cards, extended
from crm_contacts.jcard.types import (
    DATES,
    LISTS,
    STRUCTURED,
    UNKNOWN,
    URI,
    default_type,
)
from crm_contacts.json_values import encode_json
from crm_contacts.vcard import (
    UNPARSED,
    Property,
    as_data_uri,
    content_line,
    escape,
    escape_line_breaks,
    escape_uri,
    from_data_uri,
    read_line,
    split_components,
    split_items,
    unescape,
)

#: The parameter that holds the line of vCard 4.0 of a property of which jCard cannot say all.
LINE = "x-meishi-line"

_NAME, _PARAMETERS, _TYPE, _VALUES = range(4)
_WORD = re.compile(r"[a-z0-9-]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")

Params = dict[str, str | list[str]]


def jcard_property(found: Property) -> list[Any]:
    """Return a property of jCard (RFC 7095, section 3.3) for which `property_of` gives `found`.

    Where its own form leaves something open, such as how a date was written, the line of vCard
    4.0 stands beside it in the parameter `x-meishi-line`; a type with a comma, which no line can
    say, makes it one of those that are taken as they are (RFC 7095, section 5).

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    item = _plain_item(found)
    if _plain_property(item) == found:
        return item
    name, params, kind, *values = item
    with_line = [name, params | {LINE: content_line(found)}, kind, *values]
    verbatim = [name, params_of(found.parameters, found.group), UNKNOWN, found.value]
    fits = property_of(with_line) == found or _plain_property(verbatim) != found
    return with_line if fits else verbatim


def property_of(item: object) -> Property:
    """Return the property that an item of a jCard says; one that is none becomes `UNPARSED`.

    A line beside it stands for it as long as it says the same.
    """
    if not _is_item(item):
        return Property(UNPARSED, escape(encode_json(item)))
    name, params, kind, *values = item
    line = params.get(LINE)
    plain = [name, {key: said for key, said in params.items() if key != LINE}, kind, *values]
    if isinstance(line, str):
        found = read_line(line)
        if found is not None and _plain_item(found) == plain:
            return found
    return _plain_property(plain)


def params_of(parameters: Parameters, group: str | None) -> Params:
    """Return parameters as jCard has them, the group of a property among them."""
    params: Params = {
        name.lower(): values[0] if len(values) == 1 else list(values)
        for name, values in parameters
        if values and name.lower() != LINE
    }
    return params | ({"group": group} if group else {})


def parameters_of(params: Mapping[str, Any]) -> tuple[Parameters, str | None]:
    """Return the parameters that jCard has, and the group among them."""
    found: dict[str, list[str]] = {}
    for name, said in params.items():
        if said != []:
            found.setdefault(name.upper(), []).extend(_texts(said))
    group = ",".join(found.pop("GROUP", ()))
    return tuple((name, tuple(values)) for name, values in found.items()), group or None


def _is_item(item: object) -> TypeGuard[list[Any]]:
    return (
        isinstance(item, list)
        and len(item) > _VALUES
        and isinstance(item[_NAME], str)
        and bool(item[_NAME].strip())
        and isinstance(item[_PARAMETERS], dict)
        and isinstance(item[_TYPE], str)
    )


def _plain_item(found: Property) -> list[Any]:
    written = as_data_uri(found)
    kind, rest = default_type(written.name), written.parameters
    stated = [word.lower() for word in written.parameter("VALUE")]
    if len(stated) == 1 and _WORD.fullmatch(stated[0]):
        kind = stated[0]
        rest = tuple(item for item in rest if item[0] != "VALUE")
    elif (kind == URI and not _SCHEME.match(written.value)) or (
        kind in DATES and extended(unescape(written.value)) is None
    ):
        kind = "text"
    values = list(_values(written.name, kind, written.value))
    return [written.name.lower(), params_of(rest, written.group), kind, *values]


def _values(name: str, kind: str, value: str) -> Iterator[Any]:
    if kind == UNKNOWN:
        yield value
    elif kind in DATES:
        text = unescape(value)
        yield extended(text) or text
    elif kind == "integer" and all(_NUMBER.fullmatch(part) for part in value.split(",")):
        yield from map(int, value.split(","))
    elif kind == "float" and _DECIMAL.fullmatch(value):
        yield float(value)
    elif kind == "boolean" and value.lower() in {"true", "false"}:
        yield value.lower() == "true"
    elif kind == "text" and name in STRUCTURED:
        parts = [part if len(part) > 1 else part[0] for part in split_components(value)]
        yield parts if len(parts) > 1 else parts[0]
    elif kind == "text" and name in LISTS:
        yield from split_items(value)
    else:
        yield unescape(value)


def _plain_property(item: list[Any]) -> Property:
    name, params, kind, *values = item
    name, kind = name.strip().upper(), kind.lower()
    parameters, group = parameters_of(params)
    if _is_stated(name, kind, values):
        parameters = tuple(item for item in parameters if item[0] != "VALUE")
        # Where the writer of cards has it: behind the types of a channel.
        place = 1 if parameters and parameters[0][0] == "TYPE" else 0
        parameters = (*parameters[:place], ("VALUE", (kind,)), *parameters[place:])
    written = ",".join(_value(value, kind) for value in values).replace("\0", "")
    return from_data_uri(Property(name, written, group, parameters))


def _is_stated(name: str, kind: str, values: list[Any]) -> bool:
    """Whether a card says the type of a property, or anybody knows it."""
    default = default_type(name)
    if kind in {default, UNKNOWN}:
        return False
    return not (
        default == URI
        and kind == "text"
        and not any(isinstance(value, str) and _SCHEME.match(value) for value in values)
    )


def _value(value: object, kind: str) -> str:
    if isinstance(value, list):
        return ";".join(
            ",".join(map(_escaped, part)) if isinstance(part, list) else _escaped(part)
            for part in value
        )
    if not isinstance(value, str):
        return _escaped(value)
    if kind == UNKNOWN:
        return escape_line_breaks(value)
    if kind in DATES:
        return escape(as_in_cards(value))
    return escape_uri(value) if kind == URI else escape(value)


def _escaped(value: object) -> str:
    return escape(_text(value))


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return str(value).upper()
        case _:
            return encode_json(value)


def _texts(said: object) -> Iterator[str]:
    for value in said if isinstance(said, list) else [said]:
        yield _text(value).replace("\0", "")
