"""Erasing an account, by a worker: asked for once, it is done, whatever fails meanwhile."""

from __future__ import annotations

from uuid import UUID

from meishi.personal_data.account import AccountRequest

#: The name of the job.
ERASE_ACCOUNT = "erase_account"


def erase_account(user_id: UUID) -> None:
    """Erase an account and what plugins know by it."""
    AccountRequest(user_id).erase()
