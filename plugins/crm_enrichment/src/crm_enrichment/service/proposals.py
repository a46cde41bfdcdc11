"""What people decide: proposals are applied, turned down and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import Contact, Contacts
from crm_enrichment.contact_changes import value_in, with_values, without_value
from crm_enrichment.contract import (
    CONTACT_FIELDS,
    LIST_FIELDS,
    MAX_DECIDED,
    MAX_PAGE,
    Decisions,
    Field,
    FieldTaken,
    Known,
    Proposal,
    ProposalApplied,
    ProposalDecided,
    ProposalNotFound,
    ProposalPage,
    ProposalRejected,
    ProposalReverted,
    ProposalState,
    Refusal,
)
from crm_enrichment.keys import place_of, value_key
from crm_enrichment.policy import Past, Standing, standing_of
from crm_enrichment.repository import proposals, transitions
from crm_enrichment.service.showing import hidden, shown, shown_page, shown_total
from crm_enrichment.service.storing import event_fields
from crm_enrichment.service.unnoted import said_before, taken, taken_back
from crm_enrichment.service.writing import change, contact_of
from crm_enrichment.subjects import keys_of
from meishi.sdk.context import current_actor, publish, service
from meishi.sdk.contract import DomainError, VersionMismatch
from meishi.sdk.database import savepoint
from meishi.sdk.plugin import PluginContext

#: How often a contact is read again that others change at the same time.
_ATTEMPTS = 3


class ProposalService:
    """Implements `Proposals`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def page(
        self,
        *,
        contact_id: UUID | None = None,
        state: ProposalState | None = None,
        provider: str | None = None,
        field: Field | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ProposalPage:
        """Return proposals, newest first."""
        filters = {"contact_id": contact_id, "state": state, "provider": provider, "field": field}
        size = max(1, min(limit, MAX_PAGE))
        items, position = shown_page(filters, after, size)
        return ProposalPage(
            items=tuple(items),
            next_after=position,
            total=shown_total(filters) if with_total else None,
        )

    def get(self, proposal_id: UUID) -> Proposal:
        """Return one proposal."""
        found = proposals.get(proposal_id)
        if found is None or hidden([found.contact_id]):
            raise ProposalNotFound(f"There is no proposal {proposal_id} in this workspace.")
        return found

    def known(self, contact_ids: tuple[UUID, ...]) -> tuple[Known, ...]:
        """Return what was taken over for contacts."""
        return tuple(shown(proposals.known_of(contact_ids)))

    def apply(self, proposal_id: UUID) -> Proposal:
        """Take over what a proposal says; of two who do so at once, one does."""
        return self._again(proposal_id, self._apply)

    def reject(self, proposal_id: UUID) -> Proposal:
        """Turn a proposal down, unless somebody is taking it over."""
        proposal = self.get(proposal_id)
        if not _is_over(proposal, self._clock()) and _is_taken(proposal):
            raise ProposalDecided(
                f"The proposal {proposal_id} is being taken over, so it cannot be turned down."
            )
        transitions.lock([proposal.contact_id])
        turned = transitions.reject(proposal_id, self._clock(), _decider())
        if not turned:
            raise _decided(self.get(proposal_id), "turned down")
        publish(*(ProposalRejected(**event_fields(item)) for item in turned))
        return self.get(proposal_id)

    def revert(self, proposal_id: UUID) -> Proposal:
        """Take back what a proposal has changed."""
        return self._again(proposal_id, self._revert)

    def apply_many(self, proposal_ids: tuple[UUID, ...]) -> Decisions:
        """Apply each proposal that can be applied."""
        return _each(proposal_ids, self.apply)

    def reject_many(self, proposal_ids: tuple[UUID, ...]) -> Decisions:
        """Turn down each proposal that is not decided."""
        return _each(proposal_ids, self.reject)

    def _again(self, proposal_id: UUID, decide: Callable[[Proposal, datetime], None]) -> Proposal:
        """Decide on a proposal, again where its contact has changed under our hands."""
        for _ in range(_ATTEMPTS):
            try:
                with savepoint():
                    decide(self.get(proposal_id), self._clock())
                return self.get(proposal_id)
            except VersionMismatch:
                continue
        raise VersionMismatch("Others change this contact all the time; try again.")

    def _apply(self, proposal: Proposal, now: datetime) -> None:
        if proposal.state is not ProposalState.PROPOSED or _is_over(proposal, now):
            raise _decided(proposal, "applied")
        replaced = self._write(proposal)
        transitions.lock([proposal.contact_id])
        turned = transitions.apply({proposal.id: replaced}, now, _decider())
        if not turned:
            raise _decided(self.get(proposal.id), "applied")
        publish(*(ProposalApplied(**event_fields(item)) for item in turned))

    def _write(self, proposal: Proposal) -> str | None:
        """Have the contact say what a proposal says, unless it does by this already.

        Returns what it said before.
        """
        contact, item = contact_of(proposal.contact_id), _past(proposal)
        done = taken(contact, item)
        if done is not None:
            return said_before(item, done)
        replaced = _room(proposal, contact)
        if proposal.field in CONTACT_FIELDS:
            changes = with_values(contact, [(proposal.field, proposal.value)])
            change(contact, changes, proposal.id)
        return replaced

    def _revert(self, proposal: Proposal, now: datetime) -> None:
        if proposal.state is not ProposalState.APPLIED:
            raise _decided(proposal, "taken back")
        if proposal.field in CONTACT_FIELDS:
            self._restore(proposal)
        transitions.lock([proposal.contact_id])
        turned = transitions.revert(proposal.id, now, _decider())
        if not turned:
            raise _changed(proposal)
        publish(*(ProposalReverted(**event_fields(item)) for item in turned))

    def _restore(self, proposal: Proposal) -> None:
        """Let the contact say what it said before, unless somebody has changed that since."""
        contact = contact_of(proposal.contact_id)
        if taken_back(contact, _past(proposal)):
            return
        key = value_key(proposal.field, proposal.value)
        locked = proposal.field in proposals.locks_of([contact.id]).get(contact.id, ())
        if key not in keys_of(contact, proposal.field) or locked:
            raise _changed(proposal)
        changes = without_value(contact, proposal.field, key, proposal.replaced)
        change(contact, changes, proposal.id)


def _is_taken(proposal: Proposal) -> bool:
    """Whether a contact says already what a proposal says, as that is being taken over."""
    if proposal.field not in CONTACT_FIELDS:
        return False
    contacts = service(Contacts).find((proposal.contact_id,))
    return any(taken(contact, _past(proposal)) is not None for contact in contacts)


def _past(proposal: Proposal) -> Past:
    for item in proposals.past_of([proposal.contact_id]).get(proposal.contact_id, []):
        if item.id == proposal.id:
            return item
    raise ProposalNotFound(f"There is no proposal {proposal.id} in this workspace.")


def _room(proposal: Proposal, contact: Contact) -> str | None:
    """Return what stands where a proposal is to stand; raise where that is somebody's word.

    A list has room for what it has not.
    """
    field, past = proposal.field, proposals.past_of([contact.id]).get(contact.id, [])
    key = value_key(field, proposal.value)
    if field in LIST_FIELDS:
        if key in keys_of(contact, field):
            raise FieldTaken(f"The contact has that {field} already.")
        return None
    place = (field, place_of(field, key))
    own = keys_of(contact, field) if field in CONTACT_FIELDS else frozenset[str]()
    marks = [item for item in past if item.known and item.place == place]
    held = next((item for item in marks if not own or item.value_key in own), None)
    locks = proposals.locks_of([contact.id]).get(contact.id, set())
    if key not in own and standing_of(contact, field, held, locks) >= Standing.ENTERED:
        raise FieldTaken(f"Somebody has entered something else as `{field}`.")
    return value_in(contact, field) if field in CONTACT_FIELDS else None


def _each(proposal_ids: Sequence[UUID], decide: Callable[[UUID], Proposal]) -> Decisions:
    """Decide contact by contact, in the order of all who lock several."""
    decided, refused = [], []
    contacts = proposals.contacts_of(proposal_ids[:MAX_DECIDED])
    wanted = {(contacts.get(item, item), item) for item in proposal_ids[:MAX_DECIDED]}
    for _, proposal_id in sorted(wanted):
        try:
            with savepoint():
                decided.append(decide(proposal_id).id)
        except DomainError as error:
            refused.append(Refusal(proposal_id=proposal_id, code=error.code, detail=error.detail))
    return Decisions(decided=tuple(decided), refused=tuple(refused))


def _decider() -> UUID:
    user_id = current_actor().user_id
    if user_id is None:
        raise LookupError("proposals are decided by people")
    return user_id


def _is_over(proposal: Proposal, now: datetime) -> bool:
    return proposal.expires_at is not None and proposal.expires_at <= now


def _decided(proposal: Proposal, wanted: str) -> ProposalDecided:
    state = proposal.state
    said = "has expired" if state is ProposalState.PROPOSED else f"is {state}"
    return ProposalDecided(f"The proposal {proposal.id} {said}, so it cannot be {wanted}.")


def _changed(proposal: Proposal) -> FieldTaken:
    return FieldTaken(
        f"Somebody has changed `{proposal.field}` since; what stands there is theirs and stays."
    )
