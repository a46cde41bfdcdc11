"""Work for later: mails about accounts, and forgetting what has ended."""

from __future__ import annotations

from uuid import UUID

from meishi.core.identity.contract import AccountMails, LinkPurpose
from meishi.sdk.context import service


def mail_link(user_id: UUID, purpose: str) -> None:
    """Mail a person a link."""
    service(AccountMails).send(user_id=user_id, purpose=LinkPurpose(purpose))


def forget_ended() -> None:
    """Forget links, sessions and attempts that have ended."""
    service(AccountMails).forget()
