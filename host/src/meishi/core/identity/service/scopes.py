"""Scopes of tokens: permissions, no more than those of whose token it is."""

from __future__ import annotations

from difflib import get_close_matches

from meishi.core.identity.contract import InvalidScopes
from meishi.sdk.context import current_actor
from meishi.sdk.contract import Role
from meishi.sdk.permissions import declared_permissions, permissions_of


def check_own(permissions: frozenset[str]) -> None:
    """Raise `InvalidScopes` for what whoever acts may not do; the system may all.

    Else a token with few scopes would make itself one with more.
    """
    actor = current_actor()
    beyond = sorted(permissions - actor.permissions)
    if actor.user_id is not None and beyond:
        raise InvalidScopes(
            f"You may not do {beyond[0]} yourself, so no token that you make may; narrow `scopes`."
        )


def check_scopes(scopes: frozenset[str], role: Role, *, operator: bool) -> None:
    """Raise `InvalidScopes` for what nobody can do, or what the role may not do."""
    allowed = permissions_of(role, operator=operator)
    known = sorted({item.name for item in declared_permissions()} | allowed)
    for scope in sorted(scopes - allowed):
        if scope in known:
            raise InvalidScopes(f"{role.value} may not do {scope}, so no token of theirs may.")
        close = get_close_matches(scope, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise InvalidScopes(f"There is no permission {scope!r}.{hint}")
