"""What can go wrong with accounts, workspaces and tokens."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


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
