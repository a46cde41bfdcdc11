"""What can be permitted, and to whom."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.context import DeclaredPermission, current_scope
from meishi.sdk.contract import Role

__all__ = ["DeclaredPermission", "declared_permissions", "permissions_of"]


def declared_permissions() -> Sequence[DeclaredPermission]:
    """Return all permissions of active plugins that roles can have."""
    return current_scope().host.declared_permissions()


def permissions_of(role: Role, *, operator: bool = False) -> frozenset[str]:
    """Return the full names of the permissions that a role has."""
    return current_scope().host.permissions_of(role, operator=operator)
