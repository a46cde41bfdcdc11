"""Making proposals for a contact of what somebody's text says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import Contacts
from crm_enrichment.contract import Extract, Mode, ProposalState
from crm_enrichment.extracts import findings_of
from crm_enrichment.keys import value_key
from crm_enrichment.policy import Past, plan
from crm_enrichment.repository import proposals
from crm_enrichment.service.storing import store
from crm_enrichment.service.unnoted import as_decided
from crm_enrichment.service.writing import write_sure
from meishi.sdk.context import current_settings, service

#: Who has found it, and where.
PROVIDER, SOURCE = "crm_enrichment.extraction", "text"


def propose(
    contact_id: UUID, extracts: Sequence[Extract], now: datetime, new_id: Callable[[], UUID]
) -> None:
    """Let what was read wait for a decision, or take it over where the workspace wants that.

    What former texts said of the contact goes on waiting: this one says something besides.
    """
    settings = current_settings()
    past = proposals.past_of([contact_id])
    found = service(Contacts).find((contact_id,))
    if not found or Mode(settings["mode"]) is Mode.OFF:
        return
    (contact,) = found
    findings = list(findings_of(contact_id, extracts, SOURCE, settings["default_region"]))
    said = {(item.field, value_key(item.field, item.value)) for item in findings}

    def concerns(item: Past) -> bool:
        waits = item.provider == PROVIDER and item.state is ProposalState.PROPOSED
        return not waits or (item.field, item.value_key) in said

    decided = [item for item in as_decided(found, past)[contact_id] if concerns(item)]
    locks = proposals.locks_of([contact_id]).get(contact_id, set())
    applies = Mode(settings["mode"]) is Mode.APPLY
    threshold = float(settings["threshold"]) if applies else None
    made = plan(contact, {PROVIDER: findings}, decided, locks, threshold)
    if not write_sure(contact, made.applied, None):
        made.proposed += made.applied
        made.applied = []
    store([made], now, new_id, None)
