"""Looking for contacts that may be the same as some others, as all are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from crm_contacts.contract import Contact, FieldEvidence
from crm_contacts.duplicates import Frequencies, Profile, blocking_keys, compare, profile_of
from crm_contacts.importing import as_draft
from crm_contacts.repository import duplicate_keys, reading, scans

#: A key that more contacts share says nothing.
MAX_BLOCK = 50
#: With how many others one contact is compared, those with which it shares most first.
MAX_COMPARED = 60
#: How many contacts are read at once.
_READ = 500


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two contacts, the smaller id first, and what stands for and against their being one."""

    ends: tuple[UUID, UUID]
    bits: float
    evidence: tuple[FieldEvidence, ...]


class Neighbourhood:
    """Some contacts, and all others that share a key with one of them."""

    def __init__(self, contacts: Sequence[Contact], *, last: UUID | None = None) -> None:
        """Read whom the contacts are to be compared with; with `last`, nobody behind that."""
        self.profiles = {item.id: profile_of(as_draft(item)) for item in contacts}
        self.keys = {found: blocking_keys(item) for found, item in self.profiles.items()}
        self.names = {item.id: item.name.full for item in contacts}
        self._pairs = _pairs(self.keys, last)
        others = {found for pair in self._pairs for found in pair} - self.profiles.keys()
        ordered = sorted(others)
        for start in range(0, len(ordered), _READ):
            for item in reading.get_many(ordered[start : start + _READ]):
                self.profiles[item.id] = profile_of(as_draft(item))
                self.names[item.id] = item.name.full

    def compared(self, least: float) -> list[Comparison]:
        """Return the pairs that reach so many bits."""
        frequencies = _frequencies(self.profiles.values())
        found = []
        for ends in self._pairs:
            if ends[0] in self.profiles and ends[1] in self.profiles:  # neither is deleted
                one, other = self.profiles[ends[0]], self.profiles[ends[1]]
                bits, evidence = compare(one, other, frequencies)
                if bits >= least:
                    found.append(Comparison(ends, bits, evidence))
        return found


def _pairs(keys: Mapping[UUID, Sequence[int]], last: UUID | None) -> list[tuple[UUID, UUID]]:
    blocks = duplicate_keys.sharing(
        sorted({key for some in keys.values() for key in some}), MAX_BLOCK
    )
    pairs: dict[tuple[UUID, UUID], None] = {}
    for found, some in keys.items():
        shared: Counter[UUID] = Counter()
        for key in some:
            for other in blocks.get(key, ()):
                if other != found and (last is None or other <= last):
                    shared[other] += 1
        for other, _ in shared.most_common(MAX_COMPARED):
            pairs[min(found, other), max(found, other)] = None
    return list(pairs)


def _frequencies(profiles: Iterable[Profile]) -> Frequencies:
    wanted = {scans.ALL}
    for profile in profiles:
        wanted |= {
            ("given", profile.given),
            ("family", profile.family),
            ("organisation", profile.organisation),
            *(("locality", place.locality) for place in profile.places),
        }
    counted = scans.counts(sorted(wanted))
    by_field: dict[str, dict[str, int]] = {}
    for (field, form), number in counted.items():
        by_field.setdefault(field, {})[form] = number
    return Frequencies(
        contacts=counted.get(scans.ALL, 0),
        given=by_field.get("given", {}),
        family=by_field.get("family", {}),
        organisation=by_field.get("organisation", {}),
        locality=by_field.get("locality", {}),
    )
