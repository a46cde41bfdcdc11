"""How common names are: agreeing on a rare one says more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2

#: How common a name is of which nothing is known. The hundred commonest given names of a country
#: stand for about half of its people, its thousand commonest family names for about as many
#: (US Census 1990 and 2010, Statistics Sweden 2023).
GIVEN, FAMILY, ORGANISATION, LOCALITY = 1 / 200, 1 / 1500, 1 / 200, 1 / 100

#: As few contacts are there as if there were so many: of a handful nothing follows.
_FEWEST = 1_000
#: A name of which there are few has at least so many bearers elsewhere.
_RAREST = 1 / 20_000
#: From so many contacts on, their own names say how common these are.
_KNOWN = 500


@dataclass(frozen=True)
class Frequencies:
    """How many contacts there are to be mixed up, and how many have which name.

    `given`, `family`, `organisation` and `locality` count contacts by folded form; names that
    fewer than three have may be missing.
    """

    contacts: int = 0
    given: Mapping[str, int] = field(default_factory=dict)
    family: Mapping[str, int] = field(default_factory=dict)
    organisation: Mapping[str, int] = field(default_factory=dict)
    locality: Mapping[str, int] = field(default_factory=dict)

    @property
    def prior(self) -> float:
        """Bits against any two contacts being one: each is expected once more among all."""
        return log2(max(self.contacts, _FEWEST))

    def of_given(self, name: str) -> float:
        """Return the share of people with a given name."""
        return self._share(self.given, name, GIVEN)

    def of_family(self, name: str) -> float:
        """Return the share of people with a family name."""
        return self._share(self.family, name, FAMILY)

    def of_either(self, name: str) -> float:
        """Return the larger of both shares, of a name that stands in the other's place."""
        return max(self.of_given(name), self.of_family(name))

    def of_organisation(self, name: str) -> float:
        """Return the share of contacts that belong to an organisation."""
        return self._share(self.organisation, name, ORGANISATION)

    def of_locality(self, name: str) -> float:
        """Return the share of contacts that live in a town."""
        return self._share(self.locality, name, LOCALITY)

    def _share(self, counted: Mapping[str, int], name: str, otherwise: float) -> float:
        if self.contacts < _KNOWN:
            return otherwise
        return max(counted.get(name, 2) / self.contacts, _RAREST)
