"""Operations on their way out: since when, until when they answer, and what takes their place.

The headers are those of RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`) and RFC 5829
(`successor-version`). A date is no switch: an operation answers until its code is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from flask.views import MethodView
from werkzeug.http import http_date

T = TypeVar("T")

#: Attribute under which a view, or a method of one, carries its deprecation.
DEPRECATION_ATTRIBUTE = "__meishi_deprecation__"

#: What stands between the angle brackets of a `Link`: an address, or a path of this server.
_TARGET = re.compile(r"(?:https?://|/)[!#-;=?-\[\]_a-z~%]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """That an operation is not to be used any more since a day, and goes after its `sunset`.

    `link` leads to a page that says what to do, `successor` to the operation to use instead.
    """

    since: date
    sunset: date | None = None
    link: str | None = None
    successor: str | None = None

    def faults(self) -> Iterator[str]:
        """Yield what cannot be so, as the end of a sentence about the operation."""
        for name, day in (("since", self.since), ("sunset", self.sunset)):
            if type(day) is not date and (name == "since" or day is not None):
                yield f"is deprecated with {name}={day!r}, which is no date"
                return
        if self.sunset is not None and self.sunset < self.since:
            yield f"has its sunset ({self.sunset}) before it is deprecated ({self.since})"
        for name, target in (("link", self.link), ("successor", self.successor)):
            if target is not None and _TARGET.fullmatch(target) is None:
                yield f"is deprecated with {name}={target!r}, which is no address"

    def headers(self) -> Iterator[tuple[str, str]]:
        """Yield the headers that say so, each day from its beginning in UTC."""
        yield "Deprecation", f"@{int(_midnight(self.since).timestamp())}"
        if self.sunset is not None:
            yield "Sunset", http_date(_midnight(self.sunset))
        for target, relation in ((self.link, "deprecation"), (self.successor, "successor-version")):
            if target is not None:
                yield "Link", f'<{target}>; rel="{relation}"'

    def describe(self, operation: dict[str, Any]) -> None:
        """Say so in an operation's OpenAPI description."""
        operation["deprecated"] = True
        if self.sunset is not None:
            operation["x-sunset"] = self.sunset.isoformat()
        for response in operation["responses"].values():
            for name, value in self.headers():
                described = {"schema": {"type": "string"}, "example": value}
                response.setdefault("headers", {}).setdefault(name, described)


def deprecated(
    *,
    since: date,
    sunset: date | None = None,
    link: str | None = None,
    successor: str | None = None,
) -> Callable[[T], T]:
    """Say of an operation, or of a whole view, that it is not to be used any more."""
    found = Deprecation(since=since, sunset=sunset, link=link, successor=successor)

    def mark(view: T) -> T:
        setattr(view, DEPRECATION_ATTRIBUTE, found)
        return view

    return mark


def deprecation_of(
    operation: object, view: type[MethodView], otherwise: Deprecation | None
) -> Deprecation | None:
    """Return the deprecation of an operation, of its view, or else of all around it.

    A view that inherits from a deprecated one is not deprecated by that.
    """
    own: Deprecation | None = getattr(operation, DEPRECATION_ATTRIBUTE, None)
    of_view: Deprecation | None = vars(view).get(DEPRECATION_ATTRIBUTE)
    return own or of_view or otherwise


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
