"""The founding of workspaces, and who is in them."""

from __future__ import annotations

from meishi.core.identity.contract import NotAMember, SlugTaken, User, Workspace
from meishi.core.identity.repository import Record
from meishi.core.identity.repository import workspaces as repository
from meishi.core.identity.service.arrivals import tell_founding
from meishi.core.identity.service.names import checked_name, checked_slug, normalised_email
from meishi.core.identity.service.versions import version_of
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Role, check_version
from meishi.sdk.plugin import PluginContext


class WorkspaceService:
    """Implements `Workspaces`."""

    def __init__(self, context: PluginContext) -> None:
        self._new_id = context.new_id

    def found(self, *, slug: str, name: str, owner_email: str, owner_name: str) -> User:
        """Create the current workspace and its owner."""
        checked_slug(slug)
        workspace_id = current_workspace()
        email = normalised_email(owner_email)
        title, owner_title = checked_name(name), checked_name(owner_name)
        if not repository.add_workspace(workspace_id=workspace_id, slug=slug, name=title):
            raise SlugTaken(f"There is a workspace {slug!r} already.")
        owner = repository.user_by_email(new_id=self._new_id(), email=email, name=owner_title)
        repository.add_membership(
            workspace_id=workspace_id, user_id=owner.id, role=Role.OWNER.value
        )
        tell_founding(workspace_id, owner.id)
        return User(id=owner.id, email=owner.email, name=owner.name)

    def get(self) -> Workspace:
        """Return the current workspace."""
        return _as_workspace(repository.by_id(current_workspace()))

    def change(
        self,
        *,
        slug: str | None = None,
        name: str | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Workspace:
        """Give the current workspace another slug or name."""
        found = _as_workspace(repository.lock(current_workspace()))
        check_version(found.version, versions)
        wanted_slug = found.slug if slug is None else checked_slug(slug)
        title = found.name if name is None else checked_name(name)
        if not repository.change(found.id, slug=wanted_slug, name=title):
            raise SlugTaken(f"There is a workspace {wanted_slug!r} already.")
        return self.get()

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
        return tuple(_as_workspace(row) for row in repository.all_workspaces())


def _as_workspace(row: Record) -> Workspace:
    return Workspace(
        id=row.id, slug=row.slug, name=row.name, version=version_of(row.slug, row.name)
    )
