"""What of a file may become a contact: checked, normalised, and known again by keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crm_contacts.contract import CardOutcome, CardStatus, ContactDraft, SourceCard
from crm_contacts.matching import content_key, uid_key
from crm_contacts.normalisation import normalised
from crm_contacts.sources import ReadSource
from crm_contacts.validation import draft_errors

#: What is said of a row about somebody who was erased.
SUPPRESSED = "The person was erased and is not to come back; an admin can lift that."

#: How much of a rejected card's text is handed back, in characters.
_MAX_ORIGINAL = 16_000


class Unfit(Exception):
    """A draft cannot be stored; the message says why."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become a contact: what it says, normalised, and how it is known again."""

    source: ReadSource
    draft: ContactDraft
    content: bytes
    uid: bytes | None


def candidate(source: ReadSource, region: str | None) -> Candidate | CardOutcome:
    """Return what a card or row may become, or that it is rejected, and why."""
    if source.draft is None:
        return rejected(source, source.fault or "")
    try:
        check_fit(source.draft)
    except Unfit as error:
        return rejected(source, str(error))
    draft = normalised(source.draft, region)
    uid = uid_key(draft.uid) if draft.uid else None
    return Candidate(source, draft, content_key(draft), uid)


def check_fit(draft: ContactDraft) -> None:
    """Raise `Unfit` for the first thing about a draft that cannot be stored."""
    for error in draft_errors(draft):
        raise Unfit(f"{error.pointer}: {error.message}")


def keys_of(candidates: Iterable[Candidate]) -> set[bytes]:
    """Return under which contents and UIDs candidates may be known."""
    return {key for item in candidates for key in (item.content, item.uid) if key}


def rejected(source: ReadSource, reason: str, *, suppressed: bool = False) -> CardOutcome:
    """Return that a card or row does not come in; `suppressed` if its person was erased."""
    return CardOutcome(
        index=source.index,
        line=source.line,
        status=CardStatus.REJECTED,
        reason=reason,
        suppressed=suppressed,
    )


def with_original(outcome: CardOutcome, card: SourceCard) -> CardOutcome:
    """Return the outcome of a card, with the text of that if it was rejected."""
    if outcome.status is not CardStatus.REJECTED or outcome.suppressed:
        return outcome
    return replace(outcome, original=card.content.decode("utf-8", "replace")[:_MAX_ORIGINAL])
