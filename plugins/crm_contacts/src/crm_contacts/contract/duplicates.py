"""Duplicates: contacts that may be one and the same, why, and what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import (
    ContactNotFound,
    DuplicateMerged,
    DuplicateNotFound,
    DuplicateScanNotFound,
    InvalidContactQuery,
)
from meishi.sdk.contract import ListQuery, VersionMismatch, command, query


class Agreement(StrEnum):
    """How a field of one contact stands to that of another."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    MISSING = "missing"


class Verdict(StrEnum):
    """What the evidence amounts to, by the settings' thresholds."""

    CERTAIN = "certain"
    REVIEW = "review"
    DIFFERENT = "different"


class DuplicateState(StrEnum):
    """What was decided about a pair; what is dismissed stays so, whatever is found again."""

    OPEN = "open"
    DISMISSED = "dismissed"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """What a field says: bits for (or, below 0, against) two contacts being one.

    Besides fields there are `prior`, which stands against any two of many, and `household`, which
    takes back what people who live or work together have in common anyway.
    """

    field: str
    agreement: Agreement
    bits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A contact that may be the one that was asked about, and why; `score` is in bits.

    `pair_id` is the stored pair of both, if there is one, and `state` what was decided about it.
    """

    contact_id: UUID
    name: str
    score: float
    probability: float
    verdict: Verdict
    evidence: tuple[FieldEvidence, ...]
    pair_id: UUID | None
    state: DuplicateState


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedContact:
    """One of a pair: its id, and its name at present, or None if it is gone."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two contacts that may be one; `score` is the base-2 logarithm of the odds, in bits."""

    id: UUID
    contacts: tuple[PairedContact, PairedContact]
    state: DuplicateState
    score: float
    probability: float
    verdict: Verdict
    evidence: tuple[FieldEvidence, ...]
    version: int
    found_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePage:
    """Pairs; `position` says where the next page begins, and is None on the last one."""

    items: tuple[DuplicatePair, ...]
    position: tuple[str, ...] | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateScan:
    """A pass over all contacts: how many of how many were looked at, and what was found.

    `found` are the open pairs that it has seen, `certain` those of them that are certain.
    """

    id: UUID
    done: int
    total: int
    found: int
    certain: int
    operation_id: UUID | None
    started_at: datetime
    completed_at: datetime | None


class Duplicates(Protocol):
    """Contacts of the current workspace that may be one and the same."""

    @query(errors=(ContactNotFound,))
    def of_contact(self, contact_id: UUID, *, limit: int = 20) -> tuple[Likeness, ...]:
        """Return the contacts that may be this one, the likeliest first, as all are now."""
        ...

    @query(errors=(InvalidContactQuery,))
    def list(self, wanted: ListQuery) -> DuplicatePage:
        """Return stored pairs, the likeliest first.

        Filters: `state` (eq; without it open ones), `contact_id` (eq), `score` (gte, lt), in whole
        bits. Sort: `score`. Open pairs of deleted contacts are left out.
        """
        ...

    @query(errors=(DuplicateNotFound,))
    def get(self, pair_id: UUID) -> DuplicatePair:
        """Return one pair."""
        ...

    @command(errors=(DuplicateNotFound, DuplicateMerged, VersionMismatch))
    def dismiss(self, pair_id: UUID, *, versions: tuple[int, ...] | None = None) -> DuplicatePair:
        """Remember that two contacts are not the same, whatever is found again."""
        ...

    @command(errors=(DuplicateNotFound, DuplicateMerged, VersionMismatch))
    def reopen(self, pair_id: UUID, *, versions: tuple[int, ...] | None = None) -> DuplicatePair:
        """Take back that two contacts are not the same."""
        ...

    @command()
    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Look for duplicates of contacts as they are now, and remember what is found."""
        ...

    @command()
    def follow_page(self, after: UUID | None) -> UUID | None:
        """Look for duplicates of one page of contacts; return where the next one begins."""
        ...

    @command()
    def start_scan(self) -> DuplicateScan:
        """Begin to look at all contacts anew, or go on with what was begun and not ended."""
        ...

    @command()
    def request_scan(self) -> UUID:
        """Have a worker look at all contacts; return the operation, of one under way if any."""
        ...

    @query(errors=(DuplicateScanNotFound,))
    def get_scan(self, scan_id: UUID) -> DuplicateScan:
        """Return how far a scan is."""
        ...

    @command(errors=(DuplicateScanNotFound,))
    def run_scan(self, scan_id: UUID) -> DuplicateScan:
        """Look at the next contacts of a scan, and return how far it is."""
        ...

    @query()
    def groups(self, *, limit: int = 100) -> tuple[tuple[UUID, ...], ...]:
        """Return groups of contacts that are certainly one, the eldest of each first.

        Two are in a group only where at least half of the pairs between its parts are certain,
        and none was dismissed.
        """
        ...
