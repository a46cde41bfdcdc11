"""Owners, whom a workspace must not be without."""

from __future__ import annotations

from uuid import UUID

from meishi.core.identity.contract import LastOwner
from meishi.core.identity.repository.people import lone_ownerships


def check_no_lone_ownership(user_id: UUID) -> None:
    """Raise `LastOwner`, naming the workspaces, if some would be without an owner."""
    names = lone_ownerships(user_id)
    if names:
        raise LastOwner(
            f"The account is the only owner of {', '.join(names)}. "
            "Make somebody else an owner first, or have the workspace removed."
        )
