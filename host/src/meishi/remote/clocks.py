"""The clock of a deployment, which is the main deployment's: services follow it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from meishi.remote.wire import NOW, UnreadableHeader

#: What is heard is as old as its way was long; a clock is put back by more than that alone.
_LONGEST_WAY = timedelta(seconds=1)


class DeploymentClock:
    """Says what time it is in the deployment, in UTC; `own` is the machine's clock.

    One that `follows` is put right by each time that it hears of. Of two times that it hears, the
    later one was less long on its way; so it is never ahead of what it follows by more than a
    second, and behind by the shortest way. Before it has heard anything it is the machine's.
    """

    def __init__(self, own: Callable[[], datetime], *, follows: bool) -> None:
        self._own = own
        self._follows = follows
        self._corrected_by: timedelta | None = None

    def __call__(self) -> datetime:
        """Return the time."""
        return self._own() + (self._corrected_by or timedelta())

    def told(self) -> list[tuple[str, str]]:
        """Return the header that tells the time to who follows; none if we follow ourselves."""
        return [] if self._follows else [(NOW, self().isoformat())]

    def hear(self, header: str | None) -> None:
        """Take what the clock that is followed says; raise `UnreadableHeader` for no time.

        Whoever does not follow, and an older release that says nothing, changes nothing.
        """
        if header is None or not self._follows:
            return
        difference = _time(header) - self._own()
        known = self._corrected_by
        if known is None or not timedelta() <= known - difference <= _LONGEST_WAY:
            self._corrected_by = difference


def _time(header: str) -> datetime:
    try:
        time = datetime.fromisoformat(header)
    except ValueError as error:
        raise UnreadableHeader(f"{NOW} cannot be read: {error}") from error
    if time.tzinfo is None:
        raise UnreadableHeader(f"{NOW} says no offset")
    return time
