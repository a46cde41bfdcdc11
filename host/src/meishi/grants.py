"""Grants: who may do what, as the active plugins declare it."""

from __future__ import annotations

from collections.abc import Iterable

from meishi.context import Actor, DeclaredPermission
from meishi.lifecycle.contribution import Contribution
from meishi.sdk.contract import Role


class Grants:
    """The permissions of roles and of operators, looked up once."""

    def __init__(self, contributions: Iterable[Contribution]) -> None:
        self._contributions = tuple(contributions)
        self._of_roles = {role: self._granted_to(role) for role in Role}
        self._of_operators = self._granted_to(None)
        #: Of each plugin that keeps rows from members, who sees them all: a permission's full name.
        self.overseers = {
            contribution.plugin: f"{contribution.manifest.prefix}.{permission.name}"
            for contribution in self._contributions
            for permission in contribution.permissions
            if permission.oversees
        }

    def may_oversee(self, plugin: str, actor: Actor) -> bool:
        """Whether nothing that a plugin keeps from members need be kept from jobs of who acts."""
        permission = self.overseers.get(plugin)
        return permission is None or actor.is_system or permission in actor.permissions

    def of(self, role: Role, *, operator: bool = False) -> frozenset[str]:
        """Return the full names of the permissions that a role has.

        An operator has those besides that no role has.
        """
        own = self._of_roles[role]
        return own | self._of_operators if operator else own

    def declared(self) -> list[DeclaredPermission]:
        """Return all permissions that roles can have."""
        return [
            DeclaredPermission(
                name=f"{contribution.manifest.prefix}.{permission.name}",
                title=permission.title,
                plugin=contribution.manifest.title,
                roles=tuple(role for role in Role if role in permission.roles),
            )
            for contribution in self._contributions
            for permission in contribution.permissions
            if not permission.operators
        ]

    def _granted_to(self, role: Role | None) -> frozenset[str]:
        """Return what a role may do, or, without one, what operators may do."""
        return frozenset(
            f"{contribution.manifest.prefix}.{permission.name}"
            for contribution in self._contributions
            for permission in contribution.permissions
            if (permission.operators if role is None else role in permission.roles)
        )
