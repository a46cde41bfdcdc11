"""Which titles are of which organisation: `organizationId` (RFC 9553, section 2.2.5), or a group.

A vCard says it by a group that an ORG shares with a TITLE or ROLE (RFC 9555, section 2.9.5).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from crm_contacts.jscontact.objects import PARAMS, JsonObject

_ORGANISATIONS, _TITLES = "organizations", "titles"
_MEMBER = "organizationId"


def name_organisations(card: JsonObject) -> None:
    """Say of the titles of a card which organisation they are of, as far as groups do."""
    organisations = _by_group(card)
    for said in _objects(card, _TITLES).values():
        group = group_of(said)
        if group in organisations and _MEMBER not in said:
            said[_MEMBER] = organisations[group]


class Employers:
    """What groups are to say of the organisations and titles of a card that is read."""

    def __init__(self, card: Mapping[str, Any]) -> None:
        self._said = _by_group(card)
        self._given: dict[tuple[str, str], str] = {}
        organisations = _objects(card, _ORGANISATIONS)
        taken = {group for name in card for group in _groups(card[name])}
        free = (name for name in (f"job{place}" for place in count(1)) if name not in taken)
        alone = _titles_alone(card)
        for identifier, found in organisations.items():
            own = group_of(found)
            if len(organisations) == 1 or (own and self._said.get(own) != identifier):
                continue
            if titles := alone.get(identifier):
                group = own or next(free)
                if own is None:
                    self._given[_ORGANISATIONS, identifier] = group
                self._given.update({(_TITLES, name): group for name in titles})

    def grouped(self, collection: str, identifier: str, said: Any) -> Any:
        """Return an object with its group, and without the organisation that this says."""
        if collection not in {_ORGANISATIONS, _TITLES} or not isinstance(said, dict):
            return said
        group = self._given.get((collection, identifier))
        if group is not None:
            params = said.get(PARAMS)
            params = {**(params if isinstance(params, dict) else {}), "group": group}
            said = {name: value for name, value in said.items() if name != _MEMBER}
            return said | {PARAMS: params}
        own = group_of(said)
        if collection == _TITLES and own and said.get(_MEMBER) == self._said.get(own, ""):
            return {name: value for name, value in said.items() if name != _MEMBER}
        return said


def group_of(said: Any) -> str | None:
    """Return the group of an object in small letters, if it has one."""
    params = said.get(PARAMS) if isinstance(said, dict) else None
    group = params.get("group") if isinstance(params, dict) else None
    return group.lower() if isinstance(group, str) and group else None


def _by_group(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the organisations that are alone in their group, by that."""
    found = [
        (group, identifier)
        for identifier, said in _objects(card, _ORGANISATIONS).items()
        if (group := group_of(said))
    ]
    sizes = Counter(group for group, _ in found)
    return {group: identifier for group, identifier in found if sizes[group] == 1}


def _titles_alone(card: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the titles that are in no group, by the organisation that they name."""
    titles: dict[str, list[str]] = defaultdict(list)
    for name, said in _objects(card, _TITLES).items():
        organisation = said.get(_MEMBER)
        if isinstance(organisation, str) and group_of(said) is None:
            titles[organisation].append(name)
    return titles


def _objects(card: Mapping[str, Any], collection: str) -> dict[str, JsonObject]:
    found = card.get(collection)
    objects = found if isinstance(found, dict) else {}
    return {name: said for name, said in objects.items() if isinstance(said, dict)}


def _groups(value: Any) -> Iterator[str]:
    """Yield every group that is named anywhere in a part of a card."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if isinstance(found.get("group"), str):
                yield found["group"].lower()
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
