"""The people of a workspace."""

from __future__ import annotations

from uuid import UUID

from meishi.core.identity.contract import (
    LastOwner,
    Member,
    MemberLeft,
    MemberNotFound,
    MemberRoleChanged,
)
from meishi.core.identity.repository import Record, members
from meishi.core.identity.service.ranks import require_rank
from meishi.core.identity.service.versions import version_of
from meishi.sdk.context import publish
from meishi.sdk.contract import Role, check_version
from meishi.sdk.plugin import PluginContext


class MemberService:
    """Implements `Members`."""

    def __init__(self, context: PluginContext) -> None:
        """Need nothing: who there is stands in the database."""

    def all(self) -> tuple[Member, ...]:
        """Return everybody."""
        return tuple(_as_member(row) for row in members.people())

    def get(self, user_id: UUID) -> Member:
        """Return one person."""
        return _as_member(_person(user_id))

    def change_role(
        self, user_id: UUID, role: Role, *, versions: tuple[int, ...] | None = None
    ) -> Member:
        """Make somebody something else."""
        owners, found = members.lock_owners(), _person(user_id)
        check_version(_as_member(found).version, versions)
        require_rank(Role(found.role), role)
        if role is not Role.OWNER:
            _keep_an_owner(owners, user_id)
        if found.role != role.value:
            members.change_role(user_id, role.value)
            publish(MemberRoleChanged(user_id=user_id, role=role))
        return _as_member(_person(user_id))

    def remove(self, user_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Take somebody out."""
        owners, found = members.lock_owners(), _person(user_id)
        check_version(_as_member(found).version, versions)
        require_rank(Role(found.role), on=user_id)
        _keep_an_owner(owners, user_id)
        members.remove(user_id)
        publish(MemberLeft(user_id=user_id))


def _keep_an_owner(owners: set[UUID], user_id: UUID) -> None:
    if owners == {user_id}:
        raise LastOwner("Make somebody else an owner first: a workspace always has one.")


def _person(user_id: UUID) -> Record:
    found = members.person(user_id)
    if found is None or found.service:
        raise MemberNotFound("There is no such member in this workspace.")
    return found


def _as_member(row: Record) -> Member:
    return Member(
        user_id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        joined_at=row.joined_at,
        version=version_of(row.role),
    )
