"""The values of properties as members of JSContact's objects, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm_contacts.jcard import extended_date
from crm_contacts.jscontact.kinds import Kind
from crm_contacts.vcard import escape, escape_uri, split_fields, unescape

#: The seven parts of ADR as kinds of components, in their order (RFC 9555, section 2.6.1).
ADDRESS_PARTS = (
    *("postOfficeBox", "apartment", "name", "locality", "region", "postcode", "country"),
)
#: Which part of ADR each kind of component belongs to; `separator` belongs to none.
_PART_OF = {kind: place for place, kind in enumerate(ADDRESS_PARTS)} | {
    **dict.fromkeys(("room", "floor", "building"), 1),
    **dict.fromkeys(("number", "block", "direction", "landmark"), 2),
    **dict.fromkeys(("district", "subdistrict"), 3),
}
#: The five parts of N, and which of them each kind of component belongs to.
NAME_PARTS = ("surname", "given", "given2", "title", "credential")
_NAME_PART_OF = {kind: place for place, kind in enumerate(NAME_PARTS)} | {
    "surname2": 0,
    "generation": 4,
}
_PARTIAL = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?|--(?P<m>\d\d)(?:-(?P<d>\d\d))?"
    r"|---(?P<only>\d\d)",
    re.ASCII,
)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MAX_YEAR = 9999


def members_of(kind: Kind, value: str) -> dict[str, Any] | None:
    """Return the members that say the value of a property; None if none can."""
    if kind.name == "ADR":
        parts = [part.strip() for part in split_fields(value)]
        return {"components": _components(parts, ADDRESS_PARTS)}
    if kind.name == "ORG":
        name, *units = [part.strip() for part in split_fields(value)]
        said: dict[str, Any] = {"name": name} if name else {}
        return said | ({"units": [{"name": unit} for unit in units if unit]} if units else {})
    if kind.main == "date":
        date = _date_object(unescape(value).strip())
        return date and {"date": date}
    return {kind.main: unescape(value).strip() if kind.name != "NOTE" else unescape(value)}


def value_of(kind: Kind, found: Mapping[str, Any]) -> str | None:
    """Return the value of the property that an object is; None if it says none."""
    said = found.get(kind.main)
    if kind.name == "ADR":
        return _joined(said, _PART_OF, len(ADDRESS_PARTS))
    if kind.name == "ORG":
        units = found.get("units", [])
        names = [said or "", *(_member(unit, "name") for unit in _list(units))]
        texts = [name for name in names if isinstance(name, str)]
        return ";".join(map(escape, texts)) if any(texts) else None
    if kind.main == "date":
        return _date_text(said)
    if not isinstance(said, str) or not said.strip():
        return None
    is_uri = kind.main == "uri" or (kind.name == "TEL" and said[:4].lower() == "tel:")
    return escape_uri(said) if is_uri else escape(said)


def name_components(value: str) -> list[dict[str, str]]:
    """Return the components of a name that an N says."""
    return _components([part.strip() for part in split_fields(value)], NAME_PARTS)


def name_value(components: object) -> str | None:
    """Return the N that components say; None if they say none."""
    return _joined(components, _NAME_PART_OF, len(NAME_PARTS))


def utc_of(text: str) -> str | None:
    """Return a moment of vCard as JSContact has it; None if it is no moment in UTC."""
    digits = re.sub(r"[-:]", "", text)
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", digits, re.ASCII)
    return match and "{}-{}-{}T{}:{}:{}Z".format(*match.groups())


def is_utc(text: object) -> bool:
    """Whether a value is a moment as JSContact has it."""
    return isinstance(text, str) and _UTC.fullmatch(text) is not None


def _components(parts: Sequence[str], kinds: Sequence[str]) -> list[dict[str, str]]:
    return [{"kind": kind, "value": part} for kind, part in zip(kinds, parts, strict=False) if part]


def _joined(components: object, places: Mapping[str, int], size: int) -> str | None:
    """Return parts between semicolons; several components of a part stand one after another."""
    parts: list[list[str]] = [[] for _ in range(size)]
    for item in _list(components):
        kind, value = _member(item, "kind"), _member(item, "value")
        if isinstance(value, str) and isinstance(kind, str) and kind in places and value.strip():
            parts[places[kind]].append(value)
    if not any(parts):
        return None
    return ";".join(escape(" ".join(part)) for part in parts)


def _date_object(text: str) -> dict[str, Any] | None:
    utc = utc_of(text)
    if utc is not None:
        return {"@type": "Timestamp", "utc": utc}
    match = _PARTIAL.fullmatch(extended_date(text) or "")
    if match is None:
        return None
    said = {
        "year": match["year"],
        "month": match["month"] or match["m"],
        "day": match["day"] or match["d"] or match["only"],
    }
    numbers = {name: int(digits) for name, digits in said.items() if digits}
    return {"@type": "PartialDate"} | numbers


def _date_text(said: object) -> str | None:
    if not isinstance(said, dict):
        return None
    if is_utc(said.get("utc")):
        return str(said["utc"])
    year, month, day = (
        said.get(name) if type(said.get(name)) is int else None for name in ("year", "month", "day")
    )
    if not all(number is None or 0 < number <= _MAX_YEAR for number in (year, month, day)):
        return None
    if year is not None and (month is not None or day is None):
        return "-".join(
            [f"{year:04}", *(f"{number:02}" for number in (month, day) if number is not None)]
        )
    if year is None and month is not None:
        return f"--{month:02}" + (f"{day:02}" if day is not None else "")
    return f"---{day:02}" if year is None and day is not None else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _member(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
