"""Identity's rules: accounts, the founding of workspaces, tokens."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import datetime
from uuid import UUID

import msgspec
from email_validator import EmailNotValidError, validate_email

from meishi.core.identity import repository
from meishi.core.identity.contract import (
    InvalidAccount,
    IssuedToken,
    NotAMember,
    Principal,
    SlugTaken,
    Token,
    TokenNotFound,
    User,
    Workspace,
)
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Role
from meishi.sdk.plugin import PluginContext

TOKEN_PREFIX = "msh_"  # noqa: S105 (public: it marks a text as one of our tokens)

_TOKEN_BYTES = 32
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_MAX_NAME = 200


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
        email = _normalised_email(owner_email)
        title, owner_title = _checked_name(name), _checked_name(owner_name)
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
        row = repository.member_by_email(_normalised_email(email))
        if row is None:
            raise NotAMember(f"Nobody in this workspace has the address {email}.")
        return User(id=row.id, email=row.email, name=row.name)

    def all(self) -> tuple[Workspace, ...]:
        """Return every workspace of the deployment."""
        return tuple(
            Workspace(id=row.id, slug=row.slug, name=row.name)
            for row in repository.all_workspaces()
        )


class TokenService:
    """Implements `Tokens`."""

    def __init__(self, context: PluginContext) -> None:
        self._new_id = context.new_id
        self._clock = context.clock

    def issue(
        self,
        *,
        user_id: UUID,
        name: str,
        scopes: frozenset[str] | None = None,
        expires_at: datetime | None = None,
        operator: bool = False,
    ) -> IssuedToken:
        """Create a token; its secret leaves this method once and is not stored."""
        title = _checked_name(name)
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidAccount("The time of expiry needs a time zone.")
        if not repository.is_member(user_id):
            raise NotAMember("The user is no member of this workspace.")
        token_id = self._new_id()
        secret = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        repository.add_token(
            workspace_id=current_workspace(),
            id=token_id,
            user_id=user_id,
            name=title,
            secret_hash=_hash(secret),
            scopes=None if scopes is None else sorted(scopes),
            expires_at=expires_at,
            operator=operator,
        )
        return IssuedToken(id=token_id, secret=secret)

    def revoke(self, token_id: UUID) -> None:
        """End a token."""
        if not repository.end_token(token_id, self._clock()):
            raise TokenNotFound(f"There is no token {token_id} in this workspace.")

    def all(self) -> tuple[Token, ...]:
        """Return the tokens of the current workspace."""
        return tuple(
            Token(
                id=row.id,
                name=row.name,
                email=row.email,
                scopes=None if row.scopes is None else frozenset(row.scopes),
                operator=row.operator,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
            )
            for row in repository.all_tokens()
        )

    def resolve(self, secret: str) -> Principal | None:
        """Return who stands behind a token."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        found = repository.resolve_token(_hash(secret), self._clock())
        return None if found is None else msgspec.json.decode(found, type=Principal)


def _hash(secret: str) -> bytes:
    """Hash a token; its 256 random bits need no salt and no slow function."""
    return hashlib.sha256(secret.encode()).digest()


def _normalised_email(address: str) -> str:
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidAccount(f"{address!r} is not an email address: {error}") from error
    return found.normalized.lower()


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not 0 < len(stripped) <= _MAX_NAME:
        raise InvalidAccount(f"A name must have 1 to {_MAX_NAME} characters.")
    if any(unicodedata.category(character) == "Cc" for character in stripped):
        raise InvalidAccount("A name must not contain control characters.")
    return stripped
