"""Where plugins are that were moved, and which are on their way, as the database has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from meishi.database.unit_of_work import UnitOfWork

#: A step counts until its time is over, by the database's clock: who moves may have died.
_READ = """
    SELECT plugin, url, CASE WHEN until > clock_timestamp() THEN step END
    FROM meishi_plugins.place
"""


class Step(StrEnum):
    """How far a move is: handlers and jobs come to rest; nobody works for the plugin."""

    SETTLING = "settling"
    HELD = "held"


class Charge(StrEnum):
    """Who works for a plugin: the main deployment, its service, or nobody for a moment."""

    MAIN = "main"
    SERVICE = "service"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who works for a plugin, and whether it is being moved."""

    charge: Charge
    moving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlace:
    """What is stored of a plugin: where it was moved to, and the step of a move under way."""

    url: str | None = None
    step: Step | None = None

    def standing(self, *, placed: bool) -> Standing:
        """Return what follows of it; `placed` says that the settings have a place for the plugin.

        What the settings say counts more.
        """
        if self.step is Step.HELD:
            return Standing(charge=Charge.NOBODY, moving=True)
        there = placed or self.url is not None
        charge = Charge.SERVICE if there else Charge.MAIN
        return Standing(charge=charge, moving=self.step is not None)


def read_places(work: UnitOfWork) -> dict[str, StoredPlace]:
    """Return by plugin what is stored of them."""
    return {
        plugin: StoredPlace(url=url, step=None if step is None else Step(step))
        for plugin, url, step in work.execute(_READ)
    }


def standings(stored: Mapping[str, StoredPlace], placed: Mapping[str, object]) -> Standings:
    """Return where each plugin stands of which anything is stored, or that settings place."""
    nothing = StoredPlace()
    return {
        plugin: stored.get(plugin, nothing).standing(placed=plugin in placed)
        for plugin in {*stored, *placed}
    }


#: Standings by plugin; of those that are left out the main deployment is in charge.
Standings = dict[str, Standing]
