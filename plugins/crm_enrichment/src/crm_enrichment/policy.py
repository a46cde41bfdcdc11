"""What becomes of what was found: which word is worth more, and what is done with the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

from crm_contacts.contract import Contact
from crm_enrichment.contract import CONTACT_FIELDS, LIST_FIELDS, Field, Finding, ProposalState
from crm_enrichment.keys import place_of, value_key
from crm_enrichment.subjects import keys_of, takes

_NEVER = datetime.min.replace(tzinfo=UTC)
#: A value that was decided on is not proposed again from the same source, whoever reads it there.
_DECIDED = (ProposalState.APPLIED, ProposalState.REJECTED, ProposalState.REVERTED)


class Standing(IntEnum):
    """Whose word stands in a place of a contact: what is lower does not replace it."""

    NOTHING = 0
    FOUND = 1
    VERIFIED = 2
    ENTERED = 3
    CORRECTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A proposal that there is already; `replaces` is the one whose value it has replaced."""

    id: UUID
    contact_id: UUID
    field: Field
    value_key: str
    provider: str
    source: str
    state: ProposalState
    confidence: float
    quote: str | None
    observed_at: datetime | None
    expires_at: datetime | None
    known: bool
    verified: bool
    replaces: UUID | None = None

    @property
    def identity(self) -> tuple[str, Field, str]:
        """What is open once for each contact."""
        return self.provider, self.field, self.value_key

    @property
    def place(self) -> tuple[Field, str]:
        """Where it stands, or would."""
        return self.field, place_of(self.field, self.value_key)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding, and who found it."""

    provider: str
    finding: Finding
    key: str

    @property
    def identity(self) -> tuple[str, Field, str]:
        """What is open once for each contact."""
        return self.provider, self.finding.field, self.key

    @property
    def rank(self) -> tuple[float, datetime]:
        """What is worth more: what is surer, then what is newer."""
        return self.finding.confidence, self.finding.observed_at or _NEVER


@dataclass(slots=True)
class Plan:
    """What is to be done about one contact.

    `applied` are taken over without asking, `proposed` wait, `refreshed` wait already and are
    surer or less sure by now. `superseded` wait no more; of `dropped` nothing stays taken over.
    """

    contact: Contact
    applied: list[Candidate] = field(default_factory=list)
    proposed: list[Candidate] = field(default_factory=list)
    refreshed: list[tuple[UUID, Candidate]] = field(default_factory=list)
    superseded: list[UUID] = field(default_factory=list)
    unmarked: list[UUID] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)


def standing_of(
    contact: Contact, about: Field, known: Past | None, locks: Collection[Field]
) -> Standing:
    """Return whose word stands in a place; `known` was taken over there. Lists have room."""
    if about in LIST_FIELDS:
        return Standing.NOTHING
    if about in locks:
        return Standing.CORRECTED
    if known is None:
        own = about in CONTACT_FIELDS and keys_of(contact, about)
        return Standing.ENTERED if own else Standing.NOTHING
    return Standing.VERIFIED if known.verified else Standing.FOUND


def plan(
    contact: Contact,
    found: Mapping[str, Sequence[Finding]],
    past: Sequence[Past],
    locks: Collection[Field],
    threshold: float | None,
) -> Plan:
    """Return what becomes of a contact's findings, by the providers that were asked.

    From `threshold` on a finding is taken over without asking; None asks always. Asked again
    with the same it changes nothing.
    """
    made = Plan(contact)
    marks = dict(_marks(made, found, past))
    wanted: dict[tuple[str, Field, str], Candidate] = {}
    for (about, place), candidates in _places(contact, found).items():
        mark = marks.get((about, place))
        standing = standing_of(contact, about, mark, locks)
        news = [item for item in candidates if _is_news(contact, item, standing, mark, past)]
        best = max(news, key=_order, default=None)
        if best is not None and standing <= Standing.FOUND and _is_sure(best, threshold):
            made.applied.append(best)
        else:
            wanted.update((item.identity, item) for item in news)
    _compare(made, wanted, [item for item in past if item.state is ProposalState.PROPOSED])
    made.superseded += [
        item.id
        for item in past
        if item.state is ProposalState.PROPOSED
        and item.identity not in wanted
        and (item.provider in found or _is_closed(contact, item, marks, locks))
    ]
    return made


def _marks(
    made: Plan, found: Mapping[str, Sequence[Finding]], past: Sequence[Past]
) -> Iterator[tuple[tuple[Field, str], Past]]:
    """Yield what was taken over and still holds.

    A mark goes where the contact says something else by now. What nobody has accepted goes
    when its provider does not say it any more; in a field of the contact it stays until there is
    something else: there is nothing left that speaks for it.
    """
    said = {
        (provider, finding.field, value_key(finding.field, finding.value))
        for provider, findings in found.items()
        for finding in findings
    }
    for item in past:
        if not item.known:
            continue
        own = item.field in CONTACT_FIELDS
        stale = item.provider in found and item.identity not in said and not item.verified
        if own and item.value_key not in keys_of(made.contact, item.field):
            made.unmarked.append(item.id)
        elif stale and not own:
            made.dropped.append(item.id)
        elif stale:
            yield item.place, replace(item, confidence=0.0, observed_at=None)
        else:
            yield item.place, item


def _places(
    contact: Contact, found: Mapping[str, Sequence[Finding]]
) -> dict[tuple[Field, str], list[Candidate]]:
    """Return the findings by the place that they would take."""
    places: dict[tuple[Field, str], list[Candidate]] = {}
    for provider, findings in found.items():
        for finding in findings:
            if takes(contact, finding.field):
                key = value_key(finding.field, finding.value)
                place = (finding.field, place_of(finding.field, key))
                places.setdefault(place, []).append(Candidate(provider, finding, key))
    return places


def _is_news(
    contact: Contact,
    item: Candidate,
    standing: Standing,
    mark: Past | None,
    past: Sequence[Past],
) -> bool:
    """Whether a finding says what nobody has decided on, and what may replace what stands there."""
    about = item.finding.field
    if standing >= Standing.ENTERED or (mark is not None and mark.value_key == item.key):
        return False
    if about in LIST_FIELDS and item.key in keys_of(contact, about):
        return False
    beaten = mark is not None and item.rank <= (mark.confidence, mark.observed_at or _NEVER)
    if standing is Standing.FOUND and beaten:
        return False
    return not any(
        before.state in _DECIDED
        and (before.field, before.value_key, before.source)
        == (about, item.key, item.finding.source)
        for before in past
    )


def _order(item: Candidate) -> tuple[tuple[float, datetime], str, str]:
    return item.rank, item.provider, item.key


def _is_sure(item: Candidate, threshold: float | None) -> bool:
    return threshold is not None and item.finding.confidence >= threshold


def _compare(
    made: Plan, wanted: Mapping[tuple[str, Field, str], Candidate], open_before: Sequence[Past]
) -> None:
    """Tell what waits anew from what waits already, and says something else by now."""
    waiting = {item.identity: item for item in open_before}
    for identity, item in wanted.items():
        before, finding = waiting.get(identity), item.finding
        if before is None:
            made.proposed.append(item)
        elif _said_by(before) != _said_by(finding):
            made.refreshed.append((before.id, item))


def _said_by(item: Past | Finding) -> tuple[object, ...]:
    """Return what is kept of a finding beside its value."""
    return item.confidence, item.source, item.quote, item.observed_at, item.expires_at


def _is_closed(
    contact: Contact,
    item: Past,
    marks: Mapping[tuple[Field, str], Past],
    locks: Collection[Field],
) -> bool:
    """Whether there is no room for what waits, whoever has found it."""
    if item.field in LIST_FIELDS:
        return item.value_key in keys_of(contact, item.field)
    return standing_of(contact, item.field, marks.get(item.place), locks) >= Standing.ENTERED
