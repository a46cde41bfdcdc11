"""Arrivals: accounts that come into being, and what led to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meishi.core.identity.contract import InvalidAccount, UserSignedUp, WorkspaceFounded
from meishi.core.identity.referrals import is_referral
from meishi.core.identity.repository import accounts
from meishi.sdk.context import publish_to


def checked_referral(referral: str | None) -> str | None:
    """Return what led to an account, without spaces around it; nothing is None."""
    text = (referral or "").strip()
    if text and not is_referral(text):
        raise InvalidAccount(
            "A referral code has at most 200 letters, digits, dots and hyphens; leave it empty "
            "if you have none."
        )
    return text or None


def arrive(user_id: UUID, at: datetime) -> None:
    """Note that an address is proved; the first time, the deployment is told."""
    found = accounts.verify(user_id, at)
    if found is not None:
        tell_arrival(user_id, found[0])


def tell_arrival(user_id: UUID, referral: str | None = None) -> None:
    """Tell the deployment of an account, wherever that came into being."""
    publish_to(None, UserSignedUp(user_id=user_id, referral=referral))


def tell_founding(workspace_id: UUID, user_id: UUID) -> None:
    """Tell a workspace that it is there, and whose it is."""
    publish_to(workspace_id, WorkspaceFounded(workspace_id=workspace_id, user_id=user_id))
