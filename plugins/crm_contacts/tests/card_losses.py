"""Proof that a contact holds all that its card says, written without the mapping's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from crm_contacts.contract import ContactDraft
from crm_contacts.vcard import Property, VCard, split_fields, split_items, unescape

_LISTS = {"EMAIL": "emails", "TEL": "phones", "ADR": "addresses", "URL": "links"}
_PREFERRED = ("PREF", ("1",))


def losses(card: VCard, draft: ContactDraft) -> list[Property]:
    """Return the properties of `card` of which something is found nowhere in `draft`."""
    in_raw = {(raw.name, raw.value, raw.group, raw.parameters) for raw in draft.raw}
    in_fields = set(_strings(draft))
    items = [
        set(_strings(item)) | {"pref" if item.primary or _PREFERRED in item.parameters else ""}
        for name in _LISTS.values()
        for item in getattr(draft, name)
    ]
    lost = []
    for found in card.properties:
        if (found.name, found.value, found.group, found.parameters) in in_raw:
            continue
        said = _said(found)
        if found.name in _LISTS:
            said |= {value.lower() for value in found.parameter("TYPE")}
            said |= {
                value
                for name, values in found.parameters
                for value in values
                if name != "TYPE" and (name, value) != ("PREF", "1")
            }
            held = any(said - {""} <= item for item in items)
        else:
            held = said - {""} <= in_fields
        if not held:
            lost.append(found)
    return lost


def _said(found: Property) -> set[str]:
    text = unescape(found.value).strip()
    if found.name in {"N", "ORG", "ADR"}:
        return {part.strip() for part in split_fields(found.value)}
    if found.name == "NICKNAME":
        return {item.strip() for item in split_items(found.value)}
    if found.name == "X-ABLABEL":
        return {text.removeprefix("_$!<").removesuffix(">!$_")}
    if found.name in {"TEL", "EMAIL"}:
        return {text.removeprefix("tel:" if found.name == "TEL" else "mailto:")}
    return {text.lower() if "KIND" in found.name else text}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value).strip()
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(item)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name != "raw":
                yield from _strings(getattr(value, field.name))
