"""Address books on their way in: cards of a file, in batches, and the sum of their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Self

from crm_contacts.contract import CardOutcome, CardStatus, EmptyAddressBook, SourceCard
from crm_contacts.vcard import VCardError, split_cards

#: Cards that are imported in one unit of work.
BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The outcomes of an import and their counts; `imported` includes duplicates."""

    results: tuple[CardOutcome, ...]
    cards: int
    rejected: int
    duplicates: int

    @property
    def imported(self) -> int:
        """How many cards were read and stored."""
        return self.cards - self.rejected

    @classmethod
    def of(cls, outcomes: Iterable[CardOutcome]) -> Self:
        """Count outcomes."""
        results = tuple(outcomes)
        statuses = [outcome.status for outcome in results]
        return cls(
            results,
            len(results),
            statuses.count(CardStatus.REJECTED),
            statuses.count(CardStatus.DUPLICATE),
        )


def source_cards(stream: BinaryIO, *, max_card_bytes: int) -> Iterator[SourceCard]:
    """Yield the cards of an address book; raise `EmptyAddressBook` if there is none."""
    empty = True
    try:
        for card in split_cards(stream, max_card_bytes=max_card_bytes):
            empty = False
            yield SourceCard(
                index=card.index, line=card.line, content=card.content, fault=card.fault
            )
    except VCardError as error:
        raise EmptyAddressBook(str(error)) from error
    if empty:
        raise EmptyAddressBook("The address book is empty.")


def batches(cards: Iterator[SourceCard]) -> Iterator[tuple[SourceCard, ...]]:
    """Yield cards in tuples of up to `BATCH`."""
    while batch := tuple(islice(cards, BATCH)):
        yield batch
