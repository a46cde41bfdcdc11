"""Accounts as those of people who ask for their data."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import InvalidAccount, LastOwner
from meishi.core.identity.contract.workspaces import User
from meishi.sdk.contract import query


class People(Protocol):
    """The people who have accounts; needs no current workspace."""

    @query(errors=(InvalidAccount,))
    def find(self, email: str) -> User | None:
        """Return who has an email address, or None."""
        ...

    @query(errors=(LastOwner,))
    def check_erasable(self, user_id: UUID) -> None:
        """Raise `LastOwner`, naming the workspaces, if some would be without an owner."""
        ...
