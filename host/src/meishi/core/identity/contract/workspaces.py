"""Workspaces and the people in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import InvalidAccount, NotAMember, SlugTaken
from meishi.sdk.contract import VersionMismatch, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant: the people who share one set of contacts and cards.

    `version` stands for slug and name: whoever changes one says which they have read.
    """

    id: UUID
    slug: str
    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account; `email` is normalised."""

    id: UUID
    email: str
    name: str


class Workspaces(Protocol):
    """The tenants of the deployment."""

    @command(errors=(InvalidAccount, SlugTaken))
    def found(self, *, slug: str, name: str, owner_email: str, owner_name: str) -> User:
        """Create the workspace whose id is the current one, with its owner; return the owner.

        A user with the same email address becomes the owner; otherwise one is created.
        """
        ...

    @query()
    def get(self) -> Workspace:
        """Return the current workspace."""
        ...

    @command(errors=(InvalidAccount, SlugTaken, VersionMismatch))
    def change(
        self,
        *,
        slug: str | None = None,
        name: str | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Workspace:
        """Give the current workspace another slug or name; what is None stays."""
        ...

    @query(errors=(NotAMember,))
    def owner(self) -> User:
        """Return the owner of the current workspace, the first if there are several."""
        ...

    @query(errors=(InvalidAccount, NotAMember))
    def member(self, email: str) -> User:
        """Return the member of the current workspace who has an email address."""
        ...

    @query()
    def all(self) -> tuple[Workspace, ...]:
        """Return every workspace of the deployment, oldest first; for operators only."""
        ...
