"""The columns of any table whose names tell what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from crm_contacts.tables import generic_names
from crm_contacts.tables.shapes import TableShape
from crm_contacts.tables.targets import VALUE, Kind, Layout, Target, Thing, apart, header_key

_CAMEL_CASE = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_EMAIL = re.compile(r"\be[ _-]mail")
_PUNCTUATION = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\s*\b(\d{1,2})\b\s*")
#: At least one of these must be there: a contact without any of them is nobody.
_IDENTIFYING = frozenset(
    {(Thing.NAME, "full"), (Thing.NAME, "given"), (Thing.NAME, "family")}
    | {(Thing.EMAIL, VALUE), (Thing.PHONE, VALUE), (Thing.TEXT, "organisation")}
)
_TELLING = 2


def generic_layout(headers: Sequence[str]) -> tuple[TableShape, Layout] | None:
    """Return the layout of a header of which at least two names, or the only one, tell enough."""
    found = [_target(header) for header in headers]
    telling = {(target.thing, target.part) for target in found if target}
    filled = sum(bool(header.strip()) for header in headers)
    if not telling & _IDENTIFYING or len(telling) < min(_TELLING, filled):
        return None
    return TableShape.GENERIC, Layout(apart([_half_name(target, telling) for target in found]))


def _half_name(target: Target | None, telling: set[tuple[Thing, str]]) -> Target | None:
    """Take the `Name` beside a first name as the last one, and the other way round."""
    given, family = ((Thing.NAME, part) in telling for part in ("given", "family"))
    if target is None or (target.thing, target.part) != (Thing.NAME, "full") or given == family:
        return target
    return replace(target, part="family" if given else "given")


def _target(header: str) -> Target | None:
    words = _PUNCTUATION.sub(" ", _EMAIL.sub("email", _spaced(header))).strip()
    number = _NUMBER.search(words)
    if number:
        words = " ".join(_NUMBER.sub(" ", words).split())
    noun, qualifiers = _noun(words)
    if noun is None:
        return None
    place = number[1] if number and number[1] != "1" else ""
    if noun.thing in {Thing.NAME, Thing.TEXT, Thing.LIST}:
        return noun if not qualifiers and not place else None
    part = noun.part
    if part == "street" and place:
        part, place = f"street {place}", ""
    types = tuple(word for word in qualifiers if word in generic_names.QUALIFIERS)
    kind = Kind(
        tuple(dict.fromkeys((*types, *noun.kind.types))),
        noun.kind.label,
        "primary" in qualifiers,
    )
    return Target(noun.thing, part, " ".join((*noun.kind.types, *qualifiers, place)), kind)


def _spaced(header: str) -> str:
    return header_key(_CAMEL_CASE.sub(" ", header.strip()))


def _noun(words: str) -> tuple[Target | None, tuple[str, ...]]:
    """Find what a column is named after, and the qualifiers before and behind that."""
    qualifiers: list[str] = []
    nouns, adjectives = _nouns(), _adjectives()
    while words:
        if words in nouns:
            return nouns[words], tuple(sorted(qualifiers))
        first, _, behind = words.partition(" ")
        before, _, last = words.rpartition(" ")
        if first in adjectives:
            qualifiers.append(adjectives[first])
            words = behind
        elif last in adjectives:
            qualifiers.append(adjectives[last])
            words = before
        else:
            break
    return None, ()


@cache
def _nouns() -> Mapping[str, Target]:
    return {header_key(name): target for names, target in _each_noun() for name in names.split("|")}


def _each_noun() -> Iterator[tuple[str, Target]]:
    for part, names in generic_names.NAMES.items():
        yield names, Target(Thing.NAME, part)
    for part, names in generic_names.TEXTS.items():
        yield names, Target(Thing.TEXT, part)
    for part, names in generic_names.LISTS.items():
        yield names, Target(Thing.LIST, part)
    for part, names in generic_names.ADDRESSES.items():
        yield names, Target(Thing.ADDRESS, part)
    for kind, names in generic_names.PHONES.items():
        yield names, Target(Thing.PHONE, kind=Kind((kind,) if kind else ()))
    yield generic_names.EMAILS, Target(Thing.EMAIL)
    yield generic_names.LINKS, Target(Thing.LINK)


@cache
def _adjectives() -> Mapping[str, str]:
    words = {**generic_names.QUALIFIERS, "primary": generic_names.PREFERRED}
    words["further"] = generic_names.FURTHER
    return {word: meaning for meaning, names in words.items() for word in names.split("|")}
