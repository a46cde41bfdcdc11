"""Duplicates: what is found is remembered, and so is what people decide about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    Contact,
    ContactNotFound,
    DuplicateMerged,
    DuplicateNotFound,
    DuplicatePage,
    DuplicatePair,
    DuplicateScan,
    DuplicateScanNotFound,
    DuplicateState,
    Likeness,
    PairedContact,
    Verdict,
)
from crm_contacts.duplicates import clusters_of
from crm_contacts.importing import as_draft
from crm_contacts.lookups import duplicate_keys as keys_of
from crm_contacts.repository import duplicate_keys, duplicates, reading, scans
from crm_contacts.repository.duplicates import FoundPair, StoredPair
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.service.duplicate_queries import pair_listing, place_of
from crm_contacts.service.likeness import Neighbourhood
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery, VersionMismatch, check_version
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that scans.
JOB = "scan_duplicates"
#: How many contacts are looked at in one step.
_STEP = 500
_MOST_LIKE = 50
#: How many certain pairs are grouped at once.
_GROUPED = 5_000


class DuplicateService:
    """Implements `Duplicates`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id: Callable[[], UUID] = context.new_id
        self._certain: float = context.settings["duplicate_certain_bits"]
        self._review: float = context.settings["duplicate_review_bits"]

    def of_contact(self, contact_id: UUID, *, limit: int = 20) -> tuple[Likeness, ...]:
        """Return the contacts that may be this one."""
        found = reading.get(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        around = Neighbourhood([found])
        compared = sorted(around.compared(self._review), key=lambda item: -item.bits)
        shown = compared[: max(1, min(limit, _MOST_LIKE))]
        others = [item.ends[item.ends[0] == contact_id] for item in shown]
        stored = duplicates.between(contact_id, others)
        return tuple(
            Likeness(
                contact_id=other,
                name=around.names[other],
                score=item.bits,
                probability=probability_of(item.bits),
                verdict=self._verdict(item.bits),
                evidence=item.evidence,
                pair_id=stored[other].id if other in stored else None,
                state=stored[other].state if other in stored else DuplicateState.OPEN,
            )
            for other, item in zip(others, shown, strict=True)
        )

    def list(self, wanted: ListQuery) -> DuplicatePage:
        """Return stored pairs, the likeliest first."""
        asked = pair_listing(wanted)
        size = max(1, min(wanted.limit, MAX_PAGE))
        rows = duplicates.page(asked, size + 1)
        shown = rows[:size]
        return DuplicatePage(
            items=tuple(map(self._pair, shown)),
            position=place_of(shown[-1]) if len(rows) > size else None,
            total=duplicates.count(asked) if wanted.with_total else None,
        )

    def get(self, pair_id: UUID) -> DuplicatePair:
        """Return one pair."""
        return self._pair(_found(pair_id))

    def dismiss(self, pair_id: UUID, *, versions: tuple[int, ...] | None = None) -> DuplicatePair:
        """Remember that two contacts are not the same."""
        return self._decided(pair_id, DuplicateState.DISMISSED, versions)

    def reopen(self, pair_id: UUID, *, versions: tuple[int, ...] | None = None) -> DuplicatePair:
        """Take back that two contacts are not the same."""
        return self._decided(pair_id, DuplicateState.OPEN, versions)

    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Look for duplicates of contacts as they are now."""
        hold_off_erasing()
        wanted = tuple(dict.fromkeys(contact_ids))
        for start in range(0, len(wanted), _STEP):
            some = wanted[start : start + _STEP]
            self._remember(some, reading.get_many(some))

    def follow_page(self, after: UUID | None) -> UUID | None:
        """Look for duplicates of one page of contacts."""
        hold_off_erasing()
        contacts = reading.page(after, _STEP)
        self._remember([item.id for item in contacts], contacts, anew=True)
        return contacts[-1].id if len(contacts) == _STEP else None

    def start_scan(self) -> DuplicateScan:
        """Begin a scan, or go on with what was begun."""
        current = scans.unfinished()
        if current is not None:
            return current
        counted = scans.count_names()
        scans.put_counts(counted)
        scan_id = self._new_id()
        scans.add(scan_id, counted[scans.ALL], self._clock())
        return self.get_scan(scan_id)

    def request_scan(self) -> UUID:
        """Have a worker look at all contacts."""
        scan = self.start_scan()
        if scan.operation_id is not None and _is_under_way(scan.operation_id):
            return scan.operation_id
        subject = "/api/v1/contacts/duplicates"
        operation_id = request(JOB, JobOptions(subject=subject), scan_id=scan.id)
        scans.set_operation(scan.id, operation_id)
        return operation_id

    def get_scan(self, scan_id: UUID) -> DuplicateScan:
        """Return how far a scan is."""
        found = scans.get(scan_id)
        if found is None:
            raise DuplicateScanNotFound(f"There is no scan {scan_id} in this workspace.")
        return found

    def run_scan(self, scan_id: UUID) -> DuplicateScan:
        """Look at the next contacts of a scan."""
        hold_off_erasing()
        last = scans.lock(scan_id)
        if last is None or self.get_scan(scan_id).completed_at is not None:
            return self.get_scan(scan_id)
        contacts = reading.page(last, _STEP)
        if contacts:
            ids = [item.id for item in contacts]
            found = self._remember(ids, contacts, anew=True, last=ids[-1])
            certain = sum(pair.bits >= self._certain for pair in found)
            scans.advance(scan_id, ids[-1], (len(ids), len(found), certain))
        if len(contacts) < _STEP:
            scans.complete(scan_id, self._clock())
        return self.get_scan(scan_id)

    def groups(self, *, limit: int = 100) -> tuple[tuple[UUID, ...], ...]:
        """Return groups of contacts that are certainly one."""
        pairs, apart = duplicates.links(duplicates.hundredths(self._certain), _GROUPED)
        found = clusters_of(pairs, apart)
        return tuple(tuple(sorted(group)) for group in found[: max(1, min(limit, _GROUPED))])

    def _remember(
        self,
        contact_ids: Sequence[UUID],
        contacts: Sequence[Contact],
        *,
        anew: bool = False,
        last: UUID | None = None,
    ) -> Sequence[FoundPair]:
        """Store what is found about contacts; `anew` writes their keys as code makes them now.

        With `last` only who is not behind it counts: the others' own turn comes.
        """
        if anew and contacts:
            duplicate_keys.put({item.id: keys_of(as_draft(item)) for item in contacts})
        around = Neighbourhood(contacts, last=last)
        found = [
            FoundPair(self._new_id(), item.ends, item.bits, item.evidence)
            for item in around.compared(self._review)
        ]
        duplicates.put(found, self._clock())
        duplicates.drop_others(contact_ids, found, below=last is not None)
        return found

    def _decided(
        self, pair_id: UUID, state: DuplicateState, versions: tuple[int, ...] | None
    ) -> DuplicatePair:
        before = _found(pair_id)
        check_version(before.version, versions)
        if before.state is DuplicateState.MERGED:
            raise DuplicateMerged(
                "Take the merge back first; that says that they are not the same."
            )
        if before.state is not state and not duplicates.decide(
            pair_id, state, self._clock(), [before.version]
        ):
            raise VersionMismatch("Somebody else has just decided about the pair; read it again.")
        return self.get(pair_id)

    def _verdict(self, bits: float) -> Verdict:
        if bits >= self._certain:
            return Verdict.CERTAIN
        return Verdict.REVIEW if bits >= self._review else Verdict.DIFFERENT

    def _pair(self, stored: StoredPair) -> DuplicatePair:
        bits = stored.score / 100
        return DuplicatePair(
            id=stored.id,
            contacts=(
                PairedContact(id=stored.ends[0], name=stored.names[0]),
                PairedContact(id=stored.ends[1], name=stored.names[1]),
            ),
            state=stored.state,
            score=bits,
            probability=probability_of(bits),
            verdict=self._verdict(bits),
            evidence=stored.evidence,
            version=stored.version,
            found_at=stored.found_at,
            decided_at=stored.decided_at,
        )


def probability_of(bits: float) -> float:
    """Return the probability that stands for odds in bits."""
    return float(round(1 / (1 + 2.0**-bits), 6))


def _found(pair_id: UUID) -> StoredPair:
    found = duplicates.get(pair_id)
    if found is None:
        raise DuplicateNotFound(f"There is no pair {pair_id} in this workspace.")
    return found


def _is_under_way(operation_id: UUID) -> bool:
    try:
        return not service(Operations).get(operation_id).state.final
    except OperationNotFound:
        return False
