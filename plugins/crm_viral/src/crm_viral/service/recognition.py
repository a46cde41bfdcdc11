"""Recognising people of referrals among contacts, by addresses that they have verified."""

from __future__ import annotations

import json
from uuid import UUID

from crm_viral.contract import ReferralRecognised, ReversalRecognised, RewardRecognised
from meishi.core.identity.contract import AccountNotFound, Accounts
from meishi.sdk.context import publish, service
from meishi.sdk.contract import Condition, ListQuery, Operator
from meishi.sdk.plugin import PluginContext

#: Contacts that one address leads to.
_MOST = 10


class RecognitionService:
    """Implements `Recognition`."""

    def __init__(self, context: PluginContext) -> None:
        """Need nothing of the context: accounts and contacts are others'."""

    def referral(self, conversion_id: UUID, *, referrer_id: UUID, referee_id: UUID) -> None:
        """Publish whom of a referral the workspace knows."""
        referrers, referees = _contacts_of(referrer_id), _contacts_of(referee_id)
        if referrers or referees:
            publish(
                ReferralRecognised(
                    conversion_id=conversion_id,
                    referrer_contact_ids=referrers,
                    referee_contact_ids=referees,
                )
            )

    def reward(
        self, conversion_id: UUID, *, reward_id: UUID, beneficiary_id: UUID, taken_back: bool
    ) -> None:
        """Publish who has got a reward, or has lost it, if the workspace knows them."""
        found = _contacts_of(beneficiary_id)
        told = ReversalRecognised if taken_back else RewardRecognised
        if found:
            publish(told(conversion_id=conversion_id, reward_id=reward_id, contact_ids=found))


def _contacts_of(user_id: UUID) -> tuple[UUID, ...]:
    """Return the contacts that have the verified address of an account; none where none are."""
    try:
        account = service(Accounts).get(user_id)
    except AccountNotFound:
        return ()
    return _with_address(account.email) if account.verified else ()


def _with_address(email: str) -> tuple[UUID, ...]:
    try:
        from crm_contacts.contract import ContactDocuments

        documents = service(ContactDocuments)
    except (ImportError, LookupError):
        return ()
    same = Condition(field="email", operator=Operator.EQ, value=email)
    page = documents.list(ListQuery(conditions=(same,), limit=_MOST))
    return tuple(UUID(json.loads(body)["id"]) for body in page.items)
