"""Who may make whom what: nobody reaches above the role that they have."""

from __future__ import annotations

from uuid import UUID

from meishi.core.identity.contract import NotForThisRole
from meishi.core.identity.repository import members
from meishi.sdk.context import current_actor
from meishi.sdk.contract import Role

_RANKS = {role: rank for rank, role in enumerate(reversed(Role))}


def require_rank(*roles: Role, on: UUID | None = None) -> None:
    """Raise `NotForThisRole` if one of the roles is above that of whoever acts.

    The system, on the command line, may all; anybody may lower or remove themselves (`on`).
    """
    actor = current_actor()
    if actor.user_id is None:
        return
    acting = members.person(actor.user_id)
    rank = -1 if acting is None else _RANKS[Role(acting.role)]
    if any(_RANKS[role] > rank for role in roles if on != actor.user_id):
        raise NotForThisRole("One changes no role above one's own, and gives none.")
