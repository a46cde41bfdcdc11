"""The mails about accounts, written by a worker: who asked for one need not wait, nor learn."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from meishi.core.identity.contract import LinkPurpose
from meishi.core.identity.repository import accounts, attempts, sessions
from meishi.core.identity.service.attempts import FORGOTTEN
from meishi.core.identity.service.letters import letter_for
from meishi.core.identity.service.secrets import new_secret, secret_hash
from meishi.sdk import mails
from meishi.sdk.plugin import PluginContext

#: How long nobody gets another mail for the same purpose, however often somebody asks.
PAUSE = timedelta(minutes=1)

_LIFETIMES = {
    LinkPurpose.VERIFY: timedelta(days=3),
    LinkPurpose.KNOWN: timedelta(days=1),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.CHANGE_EMAIL: timedelta(days=1),
}


class AccountMailService:
    """Implements `AccountMails`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._settings = context.settings
        self._public_url = context.public_url

    def send(self, *, user_id: UUID, purpose: LinkPurpose) -> None:
        """Mail a link, or to who has an account already, that they have one."""
        found = accounts.lock(user_id)
        if found is None:
            return
        to = found.wanted_email if purpose is LinkPurpose.CHANGE_EMAIL else found.email
        if to is None:
            return
        secret, expires_at = new_secret(), self._clock() + _LIFETIMES[purpose]
        if accounts.link_expires_after(user_id, purpose.value, expires_at - PAUSE):
            return
        accounts.put_link(
            secret_hash=secret_hash(secret),
            purpose=purpose.value,
            user_id=user_id,
            expires_at=expires_at,
        )
        letter = letter_for(purpose, site=self._public_url, secret=secret)
        kind = purpose.value.replace("_", "-")
        mails.send(kind=kind, to=to, subject=letter.subject, text=letter.text)

    def forget(self) -> None:
        """Delete what has ended."""
        now = self._clock()
        accounts.forget_links(now)
        sessions.forget(now, seen_before=now - timedelta(days=self._settings["session_idle_days"]))
        attempts.forget_old(now - FORGOTTEN)
