"""The founding of workspaces, and who is in them."""

from __future__ import annotations

import re

from meishi.core.identity.contract import InvalidAccount, NotAMember, SlugTaken, User, Workspace
from meishi.core.identity.repository import workspaces as repository
from meishi.core.identity.service.names import checked_name, normalised_email
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Role
from meishi.sdk.plugin import PluginContext

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class WorkspaceService:
    """Implements `Workspaces`."""

    def __init__(self, context: PluginContext) -> None:
        self._new_id = context.new_id

    def found(self, *, slug: str, name: str, owner_email: str, owner_name: str) -> User:
        """Create the current workspace and its owner."""
        if not _SLUG.fullmatch(slug):
            raise InvalidAccount(
                f"The slug {slug!r} must be 1 to 40 lower-case letters, digits and inner hyphens."
            )
        workspace_id = current_workspace()
        email = normalised_email(owner_email)
        title, owner_title = checked_name(name), checked_name(owner_name)
        if not repository.add_workspace(workspace_id=workspace_id, slug=slug, name=title):
            raise SlugTaken(f"There is a workspace {slug!r} already.")
        owner = repository.user_by_email(new_id=self._new_id(), email=email, name=owner_title)
        repository.add_membership(
            workspace_id=workspace_id, user_id=owner.id, role=Role.OWNER.value
        )
        return User(id=owner.id, email=owner.email, name=owner.name)

    def owner(self) -> User:
        """Return the first owner of the current workspace."""
        row = repository.first_with_role(Role.OWNER.value)
        if row is None:
            raise NotAMember("The workspace has no owner.")
        return User(id=row.id, email=row.email, name=row.name)

    def member(self, email: str) -> User:
        """Return the member who has an email address."""
        row = repository.member_by_email(normalised_email(email))
        if row is None:
            raise NotAMember(f"Nobody in this workspace has the address {email}.")
        return User(id=row.id, email=row.email, name=row.name)

    def all(self) -> tuple[Workspace, ...]:
        """Return every workspace of the deployment."""
        return tuple(
            Workspace(id=row.id, slug=row.slug, name=row.name)
            for row in repository.all_workspaces()
        )
