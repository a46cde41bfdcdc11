"""The first start."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from meishi.core.identity.contract import (
    AccountNotFound,
    AlreadySetUp,
    LinkInvalid,
    LinkPurpose,
    SlugTaken,
)
from meishi.core.identity.repository import accounts
from meishi.core.identity.repository.workspaces import user_by_email
from meishi.core.identity.service.arrivals import arrive, tell_founding
from meishi.core.identity.service.names import checked_name, checked_slug, normalised_email
from meishi.core.identity.service.passwords import Passwords, check_password
from meishi.core.identity.service.secrets import new_secret, secret_hash
from meishi.sdk.context import current_settings
from meishi.sdk.plugin import PluginContext

_LIFETIME = timedelta(days=1)
_PURPOSE = LinkPurpose.SETUP.value


class SetupService:
    """Implements `Setup`."""

    def __init__(self, context: PluginContext, passwords: Passwords) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._public_url = context.public_url
        self._passwords = passwords

    def needed(self) -> bool:
        """Whether nobody who runs the deployment can sign in yet; strangers do not count."""
        return not accounts.any_operator_can_sign_in()

    def link(self) -> str:
        """Return the address of the page that sets the deployment up."""
        if not self.needed():
            raise AlreadySetUp("Somebody who runs this deployment can sign in already.")
        secret, now = new_secret(), self._clock()
        accounts.forget_links(now)
        accounts.put_link(
            secret_hash=secret_hash(secret), purpose=_PURPOSE, expires_at=now + _LIFETIME
        )
        return f"{self._public_url}/setup?token={secret}"

    def is_open(self, secret: str) -> bool:
        """Whether a link can still be used."""
        return accounts.has_link(secret_hash(secret), _PURPOSE, self._clock())

    def complete(
        self, secret: str, *, email: str, name: str, password: str, slug: str, workspace: str
    ) -> UUID:
        """Make the owner."""
        address, title = normalised_email(email), checked_name(name)
        check_password(password, address, title)
        place, its_name = checked_slug(slug), checked_name(workspace)
        stored = self._passwords.hash(password, current_settings())
        accounts.one_setup_at_a_time()
        if not self.needed():
            raise AlreadySetUp("Somebody has set this deployment up already; sign in.")
        if accounts.take_link(secret_hash(secret), _PURPOSE, self._clock()) is None:
            raise LinkInvalid("The link is none of this server, or is too old.")
        found = user_by_email(new_id=self._new_id(), email=address, name=title)
        owner: UUID = found.id
        accounts.change(owner, name=title, password_hash=stored, operator=True)
        arrive(owner, self._clock())
        if not accounts.memberships_of(owner):
            first = self._new_id()
            if not accounts.found_workspace(
                workspace_id=first, slug=place, name=its_name, owner=owner
            ):
                raise SlugTaken(f"There is a workspace {slug!r} already.")
            tell_founding(first, owner)
        return owner

    def give_password(self, *, email: str, password: str) -> None:
        """Give an account a password; an operator vouches for it, and for its address."""
        address = normalised_email(email)
        check_password(password, address)
        stored = self._passwords.hash(password, current_settings())
        accounts.one_setup_at_a_time()
        first = self.needed()
        found = accounts.by_email(address)
        if found is None:
            raise AccountNotFound(f"There is no account of {address}.")
        accounts.change(found.id, password_hash=stored, operator=found.operator or first)
        arrive(found.id, self._clock())
