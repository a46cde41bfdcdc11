"""People who open accounts, and what they do with the mails they get."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TypeVar
from uuid import UUID

from meishi.core.identity.contract import Accounts, OpenedSession, SessionPrincipal, Sessions, Setup
from meishi.host import Host
from meishi.testing.jobs import JobRuns

P = TypeVar("P")
R = TypeVar("R")

PASSWORD = "a long enough phrase"
ADDRESS = "192.0.2.7"
AGENT = "Firefox on a test"


@dataclass
class People:
    """What people do, each time in a unit of work of its own, as over HTTP."""

    host: Host
    run_jobs: JobRuns

    def call(self, protocol: type[P], do: Callable[[P], R]) -> R:
        """Call a service outside of any workspace."""
        with self.host.scope():
            return do(self.host.calls.get(protocol))

    def sign_up(self, email: str = "anna@example.com", password: str = PASSWORD) -> None:
        """Open an account."""
        self.call(Accounts, lambda it: it.sign_up(email=email, name="Anna", password=password))

    def mails(self) -> list[EmailMessage]:
        """Have all mails sent, and return them, the newest last; then a while passes."""
        self.run_jobs()
        with self.host.scope(plugin="identity") as scope:
            scope.work.execute(
                "UPDATE identity.account_link SET expires_at = expires_at - interval '2 minutes'"
            )
        files = sorted((self.host.settings.home / "mails").glob("*.eml"))
        found = []
        for file in files:
            found.append(message_from_bytes(file.read_bytes(), policy=policy.default))
            file.unlink()
        return found

    def link(self) -> str:
        """Return the secret of the link in the last mail."""
        return secret_in(self.mails()[-1])

    def verify(self, secret: str, password: str = PASSWORD) -> UUID:
        """Use a link that verifies."""
        return self.call(Accounts, lambda it: it.verify(secret, password=password, address=ADDRESS))

    def member(self, email: str = "anna@example.com") -> UUID:
        """Open an account and verify it."""
        self.sign_up(email)
        return self.verify(self.link())

    def sign_in(
        self, email: str = "anna@example.com", password: str = PASSWORD, address: str = ADDRESS
    ) -> OpenedSession:
        """Sign in."""
        return self.call(
            Sessions,
            lambda it: it.sign_in(
                email=email, password=password, user_agent=AGENT, address=address
            ),
        )

    def found(self, owner: UUID, slug: str) -> UUID:
        """Create a workspace."""
        return self.call(
            Accounts, lambda it: it.found_workspace(user_id=owner, slug=slug, name=slug)
        )

    def whose(self, secret: str) -> SessionPrincipal | None:
        """Return whose session a secret is."""
        return self.call(Sessions, lambda it: it.resolve(secret))

    def set_up(self, secret: str, email: str = "boss@example.com") -> UUID:
        """Set the deployment up."""
        return self.call(
            Setup,
            lambda it: it.complete(
                secret, email=email, name="Boss", password=PASSWORD, slug="main", workspace="Main"
            ),
        )


def secret_in(mail: EmailMessage) -> str:
    """Return the secret of the link in a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"\?token=([\w-]+)", body.get_content())
    assert found, body.get_content()
    return found[1]
