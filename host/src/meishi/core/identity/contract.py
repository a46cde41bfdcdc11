"""Identity's contract: who is who, and in which workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, Role, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant: the people who share one set of contacts and cards."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account; `email` is normalised."""

    id: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new API token. `secret` is shown this once; only its hash is stored."""

    id: UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who stands behind a token; `scopes` of None means all that the role may do.

    An `operator` runs the deployment, and may do what no role may.
    """

    token_id: UUID
    user_id: UUID
    workspace_id: UUID
    role: Role
    scopes: frozenset[str] | None
    operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of an API token of the current workspace, all but its secret."""

    id: UUID
    name: str
    email: str
    scopes: frozenset[str] | None
    operator: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class InvalidAccount(DomainError):
    """An email address, name, slug or time of expiry is not acceptable."""

    code = "invalid-account"
    title = "Invalid account"


class SlugTaken(DomainError):
    """Another workspace has the same slug."""

    code = "workspace-slug-taken"
    title = "Workspace already exists"
    status = 409


class NotAMember(DomainError):
    """The user is no member of the current workspace."""

    code = "not-a-member"
    title = "Not a member of the workspace"
    status = 403


class TokenNotFound(DomainError):
    """The current workspace has no such token."""

    code = "token-not-found"
    title = "No such token"
    status = 404


class Workspaces(Protocol):
    """The tenants of the deployment."""

    @command(errors=(InvalidAccount, SlugTaken))
    def found(self, *, slug: str, name: str, owner_email: str, owner_name: str) -> User:
        """Create the workspace whose id is the current one, with its owner; return the owner.

        A user with the same email address becomes the owner; otherwise one is created.
        """
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


class Tokens(Protocol):
    """API tokens."""

    @command(errors=(InvalidAccount, NotAMember))
    def issue(
        self,
        *,
        user_id: UUID,
        name: str,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
        operator: bool = False,
    ) -> IssuedToken:
        """Create a token of a member for the current workspace, perhaps an operator's."""
        ...

    @command(errors=(TokenNotFound,))
    def revoke(self, token_id: UUID) -> None:
        """End a token of the current workspace; one that was ended before stays so."""
        ...

    @query()
    def all(self) -> tuple[Token, ...]:
        """Return the tokens of the current workspace, oldest first, ended ones too."""
        ...

    @query()
    def resolve(self, secret: str) -> Principal | None:
        """Return who stands behind a token, or None; needs no current workspace."""
        ...
