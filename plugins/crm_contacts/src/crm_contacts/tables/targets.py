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

    Columns of the same thing and place describe one email, phone, address or link together.
    """

    thing: Thing
    part: str = VALUE
    place: str = ""
    kind: Kind = Kind()


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
    """Give columns that say the same part of the same thing places of their own."""
    seen: dict[Target, int] = {}
    placed: list[Target | None] = []
    for target in targets:
        if target is not None and target.thing in CHANNELS:
            plain = replace(target, kind=Kind())
            seen[plain] = count = seen.get(plain, 0) + 1
            place = target.place if count == 1 else f"{target.place} {count}"
            placed.append(replace(target, place=place))
        else:
            placed.append(target)
    return tuple(placed)
