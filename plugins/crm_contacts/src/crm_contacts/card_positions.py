"""Jobs in a vCard: a property of ours for each, as no standard has dates or former ones.

Its value has the components start, end, `current` or nothing, organisation, title, role, note and
units. Where it shares a group with an ORG, a TITLE or a ROLE, the job has these from there; such a
group without it is a current job, but for the one whose ORG is the first of the card, and unless a
property of JSContact is about what stands in that place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from crm_contacts.career import current_position
from crm_contacts.contract import ContactDraft, Position
from crm_contacts.positions import position_errors
from crm_contacts.vcard import Property, escape, is_filled, split_fields, unescape

POSITION = "X-MEISHI-POSITION"

#: The month and the day behind a year.
_DAY = re.compile(r"-?([0-9]{2})-?([0-9]{2})")
_CURRENT = "current"
#: Components in front of the units.
_COMPONENTS = 7
#: What a group of a job consists of.
_MEMBERS = frozenset({"ORG", "TITLE", "ROLE", POSITION})


def scalar(found: Property) -> str:
    """Return the text of a property whose value is one text."""
    text = unescape(found.value)
    if found.name == "NOTE":
        return text
    text = text.strip()
    if found.name == "BDAY" and found.parameters:
        return _without_year(text, found.parameter("X-APPLE-OMIT-YEAR"))
    return text


def _without_year(text: str, omitted: Sequence[str]) -> str:
    """Return a day of some year as that of any: Apple's cards have a year, and say to omit it."""
    for year in omitted:
        match = _DAY.fullmatch(text.removeprefix(year)) if text.startswith(year) else None
        if match:
            return f"--{match[1]}{match[2]}"
    return text


def organisation(found: Property) -> tuple[str | None, tuple[str, ...]]:
    """Return the name and the units that an ORG says."""
    name, *units = (part.strip() for part in split_fields(found.value))
    return name or None, tuple(filter(None, units))


class Positions:
    """The jobs that a card tells besides the one of its contact."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._said: set[int] = set()
        self._own: list[Position] = []
        self._others: list[Position] = []
        if not any(found.name == POSITION or found.group for found in properties):
            return
        groups = _groups(properties)
        fixed = any(map(_names_places, properties))
        for found in properties:
            members = groups.get(found.group.lower(), []) if found.group else [found]
            with_ours = any(item.name == POSITION for item in members)
            if found.name == POSITION and with_ours:
                self._add(members, self._own)
            elif found.name == "ORG" and found.group and members and not (with_ours or fixed):
                self._add(members, self._others)

    def take(self, found: Property) -> bool:
        """Whether a property says one of the jobs."""
        return id(found) in self._said

    def positions(self) -> tuple[Position, ...]:
        """Return the jobs: ours in the order of their properties, then others."""
        return (*self._own, *self._others)

    def _add(self, members: Sequence[Property], positions: list[Position]) -> None:
        position = _position(members)
        if position is not None:
            positions.append(position)
            self._said.update(map(id, members))


def plain_lines(positions: Iterable[Position]) -> list[Property]:
    """Return a property for each job that says all of it."""
    return [Property(POSITION, position_value(item)) for item in positions]


def grouped_lines(draft: ContactDraft, others: Sequence[Property]) -> list[Property] | None:
    """Return the jobs of a contact, further current ones with an ORG, a TITLE and a ROLE.

    None if there is no such job. `others` are the other properties of the card.
    """
    own = current_position(draft)
    further = [
        item for item in draft.positions if item.current and item.organisation and item is not own
    ]
    if not further:
        return None
    taken = {found.group.lower() for found in others if found.group}
    free = (name for name in (f"job{number}" for number in count(1)) if name not in taken)
    lines: list[Property] = []
    for item in draft.positions:
        if any(item is found for found in further):
            lines += _group(item, next(free))
        else:
            lines.append(Property(POSITION, position_value(item)))
    return lines


def _group(position: Position, group: str) -> Iterator[Property]:
    units = (position.organisation or "", *position.units)
    yield Property("ORG", ";".join(map(escape, units)), group)
    for name, text in (("TITLE", position.title), ("ROLE", position.role)):
        if text and text.strip():
            yield Property(name, escape(text), group)
    parts = (position.start_date, position.end_date, _CURRENT, None, None, None, position.note)
    yield Property(POSITION, ";".join(escape(part or "") for part in parts), group)


def position_value(position: Position) -> str:
    """Return the value of the property that says all of a job."""
    parts = (
        position.start_date, position.end_date, _CURRENT if position.current else None,
        position.organisation, position.title, position.role, position.note, *position.units,
    )  # fmt: skip
    return ";".join(escape(part or "") for part in parts)


def read_position(value: str) -> Position | None:
    """Return the job that the value of a property of ours says; None if it says none."""
    return _position([Property(POSITION, value)])


def _groups(properties: Sequence[Property]) -> dict[str, list[Property]]:
    """Return the groups that tell a job, by their names."""
    groups: dict[str, list[Property]] = defaultdict(list)
    first: Property | None = None
    for found in properties:
        if first is None and found.name == "ORG" and organisation(found) != (None, ()):
            first = found
        if found.group:
            groups[found.group.lower()].append(found)
    return {
        name: members
        for name, members in groups.items()
        if all(item is not first for item in members) and _is_job(members)
    }


def _names_places(found: Property) -> bool:
    """Whether a property of JSContact is about an organisation or title by its place among all."""
    if found.name != "JSPROP":
        return False
    texts = (found.value, *found.parameter("JSPTR"))
    return any(name in text for name in ("organizations", "titles") for text in texts)


def _is_job(members: Sequence[Property]) -> bool:
    names = [item.name for item in members]
    return (
        "ORG" in names
        and len(names) > 1
        and _MEMBERS.issuperset(names)
        and len(set(names)) == len(names)
        and all(is_filled(item) and not item.parameters for item in members)
    )


def _position(members: Sequence[Property]) -> Position | None:
    """Return the job that properties of ours and others in a group say; None if they say none."""
    by_name = {item.name: item for item in members}
    position = Position(current=True)
    if POSITION in by_name:
        ours = by_name[POSITION]
        alone = len(members) == 1
        if ours.parameters:
            return None
        parts = [part.strip() or None for part in split_fields(ours.value)]
        if len(parts) < _COMPONENTS or parts[2] not in {None, _CURRENT}:
            return None
        start, end, current, name, title, role, note, *units = parts
        if not alone and any((name, title, role, *units)):
            return None
        position = Position(
            organisation=name,
            units=tuple(filter(None, units)),
            title=title,
            role=role,
            start_date=start,
            end_date=end,
            current=current is not None,
            note=note,
        )
    if "ORG" in by_name:
        name, said_units = organisation(by_name["ORG"])
        title, role = (
            (scalar(by_name[item]) or None) if item in by_name else None
            for item in ("TITLE", "ROLE")
        )
        position = replace(position, organisation=name, units=said_units, title=title, role=role)
    return None if any(position_errors("", position)) else position
