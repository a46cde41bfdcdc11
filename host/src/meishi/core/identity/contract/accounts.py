"""Accounts: the people who sign in, how they prove their address, and their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import (
    AccountNotFound,
    InvalidAccount,
    LastOwner,
    LinkInvalid,
    SignUpClosed,
    SlugTaken,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from meishi.sdk.contract import Role, command, query


class LinkPurpose(StrEnum):
    """What a link in a mail is for; each is used once."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE_EMAIL = "change_email"
    KNOWN = "known"
    SETUP = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in; `verified` once they have shown that the address is theirs.

    An `operator` runs the deployment. `locale` is the language that they have chosen, if any.
    """

    id: UUID
    email: str
    name: str
    verified: bool
    operator: bool
    has_password: bool
    locale: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceMembership:
    """A workspace that a person is in, and what they are there."""

    id: UUID
    slug: str
    name: str
    role: Role


class Accounts(Protocol):
    """The people who may sign in, outside of any workspace."""

    @command(errors=(InvalidAccount, SignUpClosed, WeakPassword))
    def sign_up(self, *, email: str, name: str, password: str, referral: str | None = None) -> None:
        """Open an account, and mail a link that verifies its address.

        `referral`, what led there last, is kept until then, and told with `user.signed_up.v1`.
        Whether there was an account already is told to nobody but its owner, by mail.
        """
        ...

    @command(errors=(InvalidAccount, WeakPassword))
    def sign_up_invited(self, *, email: str, name: str, password: str) -> UUID | None:
        """Open an account for an address that an invitation's link has proved; return its id.

        None if there is an account already: its owner signs in.
        """
        ...

    @command()
    def request_verification(self, email: str) -> None:
        """Mail another link to an address, if it waits for one."""
        ...

    @command(errors=(LinkInvalid, TooManyAttempts, WrongPassword))
    def verify(self, secret: str, *, password: str, address: str) -> UUID:
        """Take a link of a mail as proof of an address, and return whose account it is.

        The password is asked for besides: else somebody could open an account for the address of
        another, who would verify it unawares. `address` is where the request comes from.
        """
        ...

    @command()
    def request_reset(self, email: str) -> None:
        """Mail a link that lets a forgotten password be replaced, if there is such an account."""
        ...

    @command(errors=(LinkInvalid, WeakPassword))
    def reset_password(self, secret: str, password: str) -> UUID:
        """Give the account of a link a new password, and end all of its sessions."""
        ...

    @query()
    def is_open(self, secret: str, purpose: LinkPurpose) -> bool:
        """Whether a link can still be used for something; looking does not use it."""
        ...

    @command(errors=(AccountNotFound, TooManyAttempts, WeakPassword, WrongPassword))
    def change_password(
        self, *, user_id: UUID, session_id: UUID | None, old: str, new: str, address: str
    ) -> None:
        """Replace a password by another, and end all sessions but one."""
        ...

    @command(errors=(AccountNotFound, InvalidAccount, TooManyAttempts, WrongPassword))
    def request_email(self, *, user_id: UUID, password: str, email: str, address: str) -> None:
        """Mail a link to a new address, which takes the old one's place when it is used."""
        ...

    @command(errors=(LinkInvalid,))
    def change_email(self, secret: str) -> UUID:
        """Take a link as proof of a new address; the old one is told."""
        ...

    @command(errors=(AccountNotFound, InvalidAccount))
    def rename(self, *, user_id: UUID, name: str, locale: str | None) -> None:
        """Change the name of a person, and the language that they read."""
        ...

    @command(errors=(AccountNotFound, LastOwner, TooManyAttempts, WrongPassword))
    def close(self, *, user_id: UUID, password: str, address: str) -> None:
        """End all sessions of a person who wants their account erased, and who proves it.

        The password goes, too, so that nobody signs in meanwhile. Erasing the account is for who
        asks every plugin. Nothing is done for the last owner of a workspace.
        """
        ...

    @query(errors=(AccountNotFound,))
    def get(self, user_id: UUID) -> Account:
        """Return an account."""
        ...

    @query()
    def workspaces_of(self, user_id: UUID) -> tuple[WorkspaceMembership, ...]:
        """Return the workspaces that a person is in, by their names."""
        ...

    @command(errors=(AccountNotFound, InvalidAccount, SlugTaken))
    def found_workspace(self, *, user_id: UUID, slug: str, name: str) -> UUID:
        """Create a workspace that a person owns, and return its id."""
        ...


class AccountMails(Protocol):
    """The mails about accounts, as a worker sends them."""

    @command()
    def send(self, *, user_id: UUID, purpose: LinkPurpose) -> None:
        """Mail a person a link, older ones for the same purpose end; nobody gets nothing."""
        ...

    @command()
    def forget(self) -> None:
        """Delete links, sessions and attempts that have ended."""
        ...
