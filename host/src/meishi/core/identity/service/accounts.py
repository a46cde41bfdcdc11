"""Accounts: opened, verified, changed, and given workspaces."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meishi.core.identity.contract import (
    Account,
    AccountNotFound,
    InvalidAccount,
    LinkInvalid,
    LinkPurpose,
    SignUpClosed,
    SlugTaken,
    WorkspaceMembership,
    WrongPassword,
)
from meishi.core.identity.repository import Record, accounts, sessions
from meishi.core.identity.service.arrivals import (
    arrive,
    checked_referral,
    tell_arrival,
    tell_founding,
)
from meishi.core.identity.service.attempts import counted_attempt
from meishi.core.identity.service.letters import old_address_letter
from meishi.core.identity.service.names import checked_name, checked_slug, normalised_email
from meishi.core.identity.service.ownerships import check_no_lone_ownership
from meishi.core.identity.service.passwords import Passwords, check_password
from meishi.core.identity.service.secrets import secret_hash
from meishi.sdk import mails
from meishi.sdk.context import current_settings
from meishi.sdk.contract import Role
from meishi.sdk.jobs import request
from meishi.sdk.plugin import PluginContext

#: The job that mails a link.
MAIL_LINK = "mail_link"


class AccountService:
    """Implements `Accounts`."""

    def __init__(self, context: PluginContext, passwords: Passwords) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._passwords = passwords

    def sign_up(self, *, email: str, name: str, password: str, referral: str | None = None) -> None:
        """Open an account; a known address does the same work, and gets another mail."""
        if current_settings()["sign_up"] != "open":
            raise SignUpClosed("Accounts are opened by invitation here; ask a member for one.")
        address, user_id = normalised_email(email), self._new_id()
        led_by = checked_referral(referral)
        if self._add(user_id, address, name, password, referral=led_by):
            self._mail(user_id, LinkPurpose.VERIFY)
            return
        if led_by is not None:
            accounts.lead(address, led_by)
        known = accounts.by_email(address)
        verified = known is not None and known.verified_at is not None
        purpose = LinkPurpose.KNOWN if verified else LinkPurpose.VERIFY
        self._mail(user_id if known is None else known.id, purpose)

    def sign_up_invited(self, *, email: str, name: str, password: str) -> UUID | None:
        """Open a verified account."""
        user_id, now = self._new_id(), self._clock()
        added = self._add(user_id, normalised_email(email), name, password, verified_at=now)
        if not added:
            return None
        tell_arrival(user_id)
        return user_id

    def request_verification(self, email: str) -> None:
        """Mail another link; for an address that waits for none, nothing comes of it."""
        found = self._by_written(email)
        waiting = found is not None and found.verified_at is None
        self._mail(found.id if found and waiting else self._new_id(), LinkPurpose.VERIFY)

    def verify(self, secret: str, *, password: str, address: str) -> UUID:
        """Verify an address; a wrong password leaves the link as it is."""
        found = self._of_link(secret, LinkPurpose.VERIFY)
        self._check(found, password, address)
        self._take(secret, LinkPurpose.VERIFY)
        arrive(found.id, self._clock())
        return _id(found)

    def request_reset(self, email: str) -> None:
        """Mail a link; for an unknown address, nothing comes of it."""
        found = self._by_written(email)
        self._mail(self._new_id() if found is None else found.id, LinkPurpose.RESET)

    def reset_password(self, secret: str, password: str) -> UUID:
        """Replace a forgotten password; the link has proved the address as well."""
        found = self._of_link(secret, LinkPurpose.RESET)
        check_password(password, found.email, found.name)
        stored = self._passwords.hash(password, current_settings())
        self._take(secret, LinkPurpose.RESET)
        _replace_password(found.id, stored)
        arrive(found.id, self._clock())
        sessions.end_all(found.id)
        return _id(found)

    def is_open(self, secret: str, purpose: LinkPurpose) -> bool:
        """Whether a link can still be used."""
        return accounts.link_user(secret_hash(secret), purpose.value, self._clock()) is not None

    def change_password(
        self, *, user_id: UUID, session_id: UUID | None, old: str, new: str, address: str
    ) -> None:
        """Replace a password."""
        found = self._known(user_id)
        self._check(found, old, address)
        check_password(new, found.email, found.name)
        _replace_password(user_id, self._passwords.hash(new, current_settings()))
        sessions.end_all(user_id, but=session_id)

    def request_email(self, *, user_id: UUID, password: str, email: str, address: str) -> None:
        """Mail a link to a new address."""
        found = self._known(user_id)
        wanted = normalised_email(email)
        if wanted == found.email:
            raise InvalidAccount("This is your address already.")
        self._check(found, password, address)
        accounts.change(user_id, wanted_email=wanted)
        # A link that went to another address proves nothing about this one.
        accounts.end_links(user_id, LinkPurpose.CHANGE_EMAIL.value)
        self._mail(user_id, LinkPurpose.CHANGE_EMAIL)

    def change_email(self, secret: str) -> UUID:
        """Take the new address in the place of the old one."""
        user_id = self._take(secret, LinkPurpose.CHANGE_EMAIL)
        before = self._known(user_id)
        if accounts.take_wanted_email(user_id, self._clock()) is None:
            raise _invalid()
        accounts.end_links(user_id)
        letter = old_address_letter()
        mails.send(kind="email-changed", to=before.email, subject=letter.subject, text=letter.text)
        return user_id

    def rename(self, *, user_id: UUID, name: str, locale: str | None) -> None:
        """Change name and language."""
        if not accounts.change(user_id, name=checked_name(name), locale=locale):
            raise _unknown()

    def close(self, *, user_id: UUID, password: str, address: str) -> None:
        """End all sessions of who wants to go."""
        found = self._known(user_id)
        self._check(found, password, address)
        check_no_lone_ownership(user_id)
        # Nobody signs in any more; should the account have to stay, a mailed link gives it another.
        _replace_password(user_id, None)
        sessions.end_all(user_id)

    def get(self, user_id: UUID) -> Account:
        """Return an account."""
        return as_account(self._known(user_id))

    def workspaces_of(self, user_id: UUID) -> tuple[WorkspaceMembership, ...]:
        """Return the workspaces that a person is in."""
        return tuple(
            WorkspaceMembership(id=row.id, slug=row.slug, name=row.name, role=Role(role))
            for row, role in accounts.memberships_of(user_id)
        )

    def found_workspace(self, *, user_id: UUID, slug: str, name: str) -> UUID:
        """Create a workspace that a person owns."""
        self._known(user_id)
        workspace_id, title = self._new_id(), checked_name(name)
        if not accounts.found_workspace(
            workspace_id=workspace_id, slug=checked_slug(slug), name=title, owner=user_id
        ):
            raise SlugTaken(f"There is a workspace {slug!r} already.")
        tell_founding(workspace_id, user_id)
        return workspace_id

    def _add(
        self,
        user_id: UUID,
        email: str,
        name: str,
        password: str,
        *,
        verified_at: datetime | None = None,
        referral: str | None = None,
    ) -> bool:
        title = checked_name(name)
        check_password(password, email, title)
        stored = self._passwords.hash(password, current_settings())
        return accounts.add_account(
            id=user_id,
            email=email,
            name=title,
            password_hash=stored,
            verified_at=verified_at,
            referral=referral,
        )

    def _mail(self, user_id: UUID, purpose: LinkPurpose) -> None:
        """Ask for a mail: for somebody unknown too, as the answer must not take another time."""
        request(MAIL_LINK, user_id=user_id, purpose=purpose.value)

    def _by_written(self, email: str) -> Record | None:
        try:
            return accounts.by_email(normalised_email(email))
        except InvalidAccount:
            return None

    def _known(self, user_id: UUID) -> Record:
        found = accounts.by_id(user_id)
        if found is None:
            raise _unknown()
        return found

    def _check(self, found: Record, password: str, address: str) -> None:
        with counted_attempt(email=found.email, address=address, now=self._clock()):
            if not self._passwords.matches(found.password_hash, password, current_settings()):
                raise WrongPassword("This is not the password of the account.")

    def _of_link(self, secret: str, purpose: LinkPurpose) -> Record:
        user_id = accounts.link_user(secret_hash(secret), purpose.value, self._clock())
        found = None if user_id is None else accounts.by_id(user_id)
        if found is None:
            raise _invalid()
        return found

    def _take(self, secret: str, purpose: LinkPurpose) -> UUID:
        found = accounts.take_link(secret_hash(secret), purpose.value, self._clock())
        if found is None or found.user_id is None:
            raise _invalid()
        user_id: UUID = found.user_id
        return user_id


def as_account(row: Record) -> Account:
    """Return an account from its row."""
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        verified=row.verified_at is not None,
        operator=row.operator,
        has_password=row.password_hash is not None,
        locale=row.locale,
    )


def _replace_password(user_id: UUID, stored: str | None) -> None:
    """Store a password or none; what whoever knew the old one asked for comes to nothing."""
    accounts.change(user_id, password_hash=stored, wanted_email=None)
    accounts.end_links(user_id)


def _id(row: Record) -> UUID:
    found: UUID = row.id
    return found


def _unknown() -> AccountNotFound:
    return AccountNotFound("There is no such account.")


def _invalid() -> LinkInvalid:
    return LinkInvalid("The link was used already, or is too old; ask for a new one.")
