"""Mails of a host whose mail server runs in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from meishi.host import Host
from meishi.letters.mailer import Mailer
from meishi.mails.models import DB_SCHEMA
from meishi.sdk import mails
from meishi.testing.fixtures import WorkspaceUnderTest

from .post_office import PostOffice, open_office

MAIL: dict[str, Any] = {
    "kind": "invitation",
    "to": "ada@example.com",
    "name": "Ada",
    "subject": "Hello",
    "text": "Come in.\n",
}


def read(message: bytes) -> EmailMessage:
    """Return a message as a mail program understands it."""
    found = message_from_bytes(message, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(part: MIMEPart) -> str:
    """Return the text of a message or of a part of it, lines ended as Python does."""
    return str(part.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Sender:
    """A plugin that sends mails, and what waits of them."""

    host: Host
    workspace: UUID

    def send(self, **fields: Any) -> UUID:
        """Ask for a mail within the workspace."""
        with self.host.scope(workspace=self.workspace, plugin="identity"):
            return mails.send(**{**MAIL, **fields})

    def rows(self, query: str = "SELECT id FROM meishi_mails.mail") -> list[tuple[Any, ...]]:
        """Return what a statement finds in the db_schema of the mails."""
        with self.host.within(DB_SCHEMA) as scope:
            return scope.work.execute(query)

    def use(self, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
        """Send in another way from now on."""
        monkeypatch.setattr(self.host, "mailer", Mailer(replace(self.host.settings, **settings)))


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server."""
    with open_office() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where mails go without a server."""
    return tmp_path / "mails"


@pytest.fixture
def unposted(
    host: Host, workspace: WorkspaceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Sender:
    """Who sends mails without a server."""
    sender = Sender(host, workspace.id)
    sender.use(monkeypatch, home=tmp_path)
    return sender


@pytest.fixture
def sender(unposted: Sender, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """Who sends mails through the server."""
    url = f"smtp+plain://127.0.0.1:{office.port}"
    unposted.use(monkeypatch, mail_url=url, mail_from="Meishi <cards@example.org>")
    return unposted
