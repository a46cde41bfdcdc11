"""Where in a contact the values of a column go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

#: The part of an email, phone or link that is the thing itself; the others qualify it.
VALUE = "value"
LABEL = "label"


class Thing(StrEnum):
    """What a column tells something about."""

    NAME = "name"
    TEXT = "text"
    LIST = "list"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    LINK = "link"
    TAGS = "tags"
    CUSTOM = "custom"
    SKIP = "skip"


CHANNELS = frozenset({Thing.EMAIL, Thing.PHONE, Thing.ADDRESS, Thing.LINK})


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of email, phone, address or link something is."""

    types: tuple[str, ...] = ()
    label: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a column says: the `part` of a thing, or of the thing at this `place` of its list.

    Columns of the same thing and place describe one email, phone, address or link together. The
    part of a custom field is its key. A `separator` stands between several values of one cell.
    """

    thing: Thing
    part: str = VALUE
    place: str = ""
    kind: Kind = Kind()
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table say, by their position; None where no field stands for it.

    With `several` a cell may hold several values between colons. `dates` says which of day and
    month comes first in a date such as 3/4/1980, as far as that is known.
    """

    targets: tuple[Target | None, ...]
    several: bool = False
    dates: str | None = None


def header_key(header: str) -> str:
    """Return a column's name without differences of case and white space."""
    return " ".join(header.casefold().split())


def apart(targets: Sequence[Target | None]) -> tuple[Target | None, ...]:
    """Give columns that say the same part of the same thing places of their own.

    No other column was given such a place.
    """
    given = {(target.thing, target.place) for target in targets if target is not None}
    last: dict[tuple[Thing, str, str], int] = {}
    placed: list[Target | None] = []
    for target in targets:
        if target is not None and target.thing in CHANNELS:
            key = (target.thing, target.part, target.place)
            place, count = target.place, last.get(key, 0) + 1
            while count > 1 and (target.thing, place := f"{target.place} {count}") in given:
                count += 1
            last[key] = count
            placed.append(replace(target, place=place))
        else:
            placed.append(target)
    return tuple(placed)
