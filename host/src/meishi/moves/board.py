"""What a process knows of moves: which plugins it must leave alone, and whether it is outdated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meishi.switches.places import Charge, Standing

_AT_MAIN = Standing(charge=Charge.MAIN)


class PlaceBoard:
    """Tells who works for plugins, without asking the database.

    A process works for a plugin, or hands on to its service, as it was when it began. As soon as it
    hears that this has changed it leaves the plugin alone; it can only begin anew. One that `waits`
    has nothing to begin anew before it has heard that all is as it expects.
    """

    def __init__(self, read: Callable[[], Mapping[str, Standing] | None]) -> None:
        self._read = read
        self._expected: Mapping[str, Charge] = {}
        self._waits = False
        self._heard = False
        self.held: frozenset[str] = frozenset()
        self.moving: frozenset[str] = frozenset()
        self.outdated: frozenset[str] = frozenset()

    def expect(self, expected: Mapping[str, Charge], *, waits: bool = False) -> None:
        """Learn who worked for plugins when this process began, or whom it waits for."""
        self._expected, self._waits = dict(expected), waits

    @property
    def in_charge(self) -> bool:
        """Whether it was heard that all is as when this process began."""
        return self._heard and not self.held

    def refresh(self) -> bool:
        """Read who works for plugins now; return whether anything has changed."""
        found = self._read()
        if found is None:
            return False
        held, moving, outdated = set(), set(), set()
        for plugin, expected in self._expected.items():
            standing = found.get(plugin, _AT_MAIN)
            if standing.moving:
                moving.add(plugin)
            if standing.charge is not expected:
                held.add(plugin)
                if standing.charge is not Charge.NOBODY:
                    outdated.add(plugin)
        before = self._heard, self.held, self.moving, self.outdated
        self._heard = True
        self.held, self.moving = frozenset(held), frozenset(moving)
        self._waits = self._waits and bool(held)
        self.outdated = frozenset() if self._waits else frozenset(outdated)
        return before != (True, self.held, self.moving, self.outdated)
