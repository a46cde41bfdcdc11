"""The rules of consent: what is recorded, and what merges make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_contacts.consent_rules import Merged, as_if_never, brought, strictest
from crm_contacts.contract import (
    MAX_PAGE,
    Consent,
    ConsentChannel,
    ConsentOrigin,
    ConsentPage,
    ConsentRecorded,
    ConsentState,
    ConsentStatement,
    ContactNotFound,
    InvalidConsent,
    KeptChange,
    MergedConsent,
    SaidConsent,
)
from crm_contacts.repository import consents, merges, reading
from crm_contacts.repository.access import refusal
from crm_contacts.repository.merged import still_merged
from crm_contacts.unmerging import CHANGED
from crm_contacts.validation import consent_errors
from meishi.sdk.context import current_actor, publish
from meishi.sdk.contract import FieldError, check_version
from meishi.sdk.plugin import PluginContext

#: How far the clock of who states something may be ahead of ours.
_AHEAD = timedelta(minutes=15)
#: No time before this is stored: the first ones have no year in places that are behind us.
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class ConsentService:
    """Implements `Consents`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def of(self, contact_id: UUID) -> tuple[Consent, ...]:
        """Return what counts, one for each channel."""
        if not reading.there(contact_id):
            raise _no_contact(contact_id)
        return tuple(_counting([contact_id], contact_id).values())

    def history(
        self,
        contact_id: UUID,
        channel: ConsentChannel,
        *,
        after: int | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ConsentPage:
        """Return all records about a channel, newest first."""
        if not reading.there(contact_id):
            raise _no_contact(contact_id)
        size = max(1, min(limit, MAX_PAGE))
        items = consents.page(contact_id, channel, after, size + 1)
        return ConsentPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].version if len(items) > size else None,
            total=consents.count(contact_id, channel) if with_total else None,
        )

    def record(
        self,
        contact_id: UUID,
        channel: ConsentChannel,
        state: ConsentState,
        *,
        given_at: datetime | None = None,
        how: str | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Consent:
        """Record what a contact has said."""
        if not merges.hold(contact_id):
            raise refusal(contact_id)
        now = self._clock()
        _check(given_at, how, now)
        before = _counting([contact_id], contact_id)[channel]
        check_version(before.version, versions)
        same = (before.state, before.how) == (state, how)
        # What a merge brought is not what the contact says itself, and goes with the merge.
        own = before.origin is ConsentOrigin.RECORDED and before.version > 0
        if own and same and given_at in (before.given_at, None):
            return before
        new = _next(
            before,
            Consent(
                contact_id=contact_id, channel=channel, state=state, given_at=given_at or now,
                how=how, recorder_id=current_actor().user_id,
            ),
            now,
        )  # fmt: skip
        _store([new])
        return new

    def receive(self, statements: tuple[ConsentStatement, ...]) -> int:
        """Record what contacts have said elsewhere."""
        now = self._clock()
        for statement in statements:
            _check(statement.given_at, statement.how)
        ids = sorted({statement.contact_id for statement in statements})
        there = {found for found in ids if merges.hold(found)}
        counting = consents.latest(sorted(there))
        added = []
        for said in sorted(statements, key=lambda item: item.given_at):
            key = (said.contact_id, said.channel)
            before = counting.get(key) or Consent(contact_id=key[0], channel=key[1])
            known = before.given_at or before.recorded_at
            given_at = min(said.given_at, now + _AHEAD)
            if said.contact_id not in there or (known is not None and given_at <= known):
                continue
            if given_at < said.given_at and (before.state, before.how) == (said.state, said.how):
                continue  # told again by a clock that is still ahead
            new = Consent(
                contact_id=said.contact_id, channel=said.channel, state=said.state,
                given_at=given_at, how=said.how, recorder_id=current_actor().user_id,
            )  # fmt: skip
            counting[key] = _next(before, new, now)
            added.append(counting[key])
        _store(added)
        return len(added)


def previewed(target_id: UUID, source_ids: Sequence[UUID]) -> tuple[MergedConsent, ...]:
    """Return the channels to which contacts have not said the same, and what would count."""
    ids = [target_id, *source_ids]
    said = {found: _counting(ids, found) for found in ids}
    return tuple(
        MergedConsent(
            channel=channel,
            values=tuple(
                SaidConsent(contact_id=found, state=said[found][channel].state) for found in ids
            ),
            state=strictest(said[found][channel] for found in ids).state,
        )
        for channel in ConsentChannel
        if len({said[found][channel].state for found in ids}) > 1
    )


def follow_merge(target_id: UUID, source_ids: Sequence[UUID], at: datetime) -> None:
    """Let the strictest of what contacts have said count of the one that stays."""
    ids = [target_id, *source_ids]
    counting = _counting(ids, target_id)
    added = []
    for source_id in source_ids:
        for channel, said in _counting(ids, source_id).items():
            before = counting[channel]
            if strictest([before, said]) is before:
                continue
            new = replace(
                said, contact_id=target_id, origin=ConsentOrigin.MERGE, other_id=source_id
            )
            counting[channel] = _next(before, new, at)
            added.append(counting[channel])
    _store(added)


def take_back(target_id: UUID, source_id: UUID, at: datetime) -> tuple[KeptChange, ...]:
    """Let what a merge brought count no more; return what was recorded since, and so stays.

    The merge is undone already, and what others brought that are still merged is kept.
    """
    return tuple(_taken_back(target_id, source_id, at))


def _taken_back(target_id: UUID, source_id: UUID, at: datetime) -> Iterator[KeptChange]:
    records: dict[ConsentChannel, list[Consent]] = {}
    for item in consents.all_of(target_id):
        records.setdefault(item.channel, []).append(item)
    others = still_merged(target_id)
    erased = {found for found, merged_at in others if merged_at is None}
    said = {found: _counting([found], found) for found, _ in others}
    added = []
    for channel, found in records.items():
        nothing = Consent(contact_id=target_id, channel=channel)
        last = found[-1]
        if last.origin is ConsentOrigin.RECORDED:
            if brought(found, source_id):
                field = f"consent_{channel}"
                yield KeptChange(field=field, value=last.state.value, reason=CHANGED)
            continue
        anew = as_if_never(
            found,
            nothing,
            [Merged(other, merged_at, said[other][channel]) for other, merged_at in others],
            erased,
        )
        if anew.state is last.state and last.other_id != source_id:
            continue
        new = replace(anew, contact_id=target_id, origin=ConsentOrigin.UNMERGE, other_id=source_id)
        added.append(_next(last, new, at))
    _store(added)


def _counting(ids: Sequence[UUID], contact_id: UUID) -> dict[ConsentChannel, Consent]:
    """Return what counts of one of some contacts, by channel, in the order of the channels."""
    found = consents.latest(ids)
    return {
        channel: found.get((contact_id, channel)) or Consent(contact_id=contact_id, channel=channel)
        for channel in ConsentChannel
    }


def _next(before: Consent, new: Consent, at: datetime) -> Consent:
    return replace(new, version=before.version + 1, recorded_at=at)


def _store(records: Sequence[Consent]) -> None:
    consents.add(records)
    publish(
        *(
            ConsentRecorded(contact_id=item.contact_id, channel=item.channel, state=item.state)
            for item in records
        )
    )


def _check(given_at: datetime | None, how: str | None, now: datetime | None = None) -> None:
    errors = list(consent_errors(how))
    if given_at is not None and given_at.tzinfo is None:
        errors.append(FieldError("/given_at", "no-offset", "A time has its offset."))
    elif given_at is not None and now is not None and given_at > now + _AHEAD:
        errors.append(FieldError("/given_at", "future", "Nobody has said that yet."))
    elif given_at is not None and given_at < _EARLIEST:
        errors.append(FieldError("/given_at", "past", "Nobody has said that before 1900."))
    if errors:
        raise InvalidConsent("This cannot be recorded.", errors=errors)


def _no_contact(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
