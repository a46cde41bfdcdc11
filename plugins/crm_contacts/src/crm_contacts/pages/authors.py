"""What people are called who wrote or recorded something."""

from __future__ import annotations

from uuid import UUID

from meishi.core.identity.contract import MemberNotFound, Members
from meishi.sdk.context import service


def author_name(user_id: UUID | None) -> str:
    """Return a member's name, or address; nothing for a service, or somebody who has left."""
    if user_id is None:
        return ""
    try:
        found = service(Members).get(user_id)
    except MemberNotFound:
        return ""
    return found.name or found.email
