"""Objects mapped to tables of two plugins, and what the server says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import registry

from crm_contacts.models import fingerprint
from meishi.context import Scope
from meishi.database.location import Location
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest
from qr.models import card, code

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Card:
    """A row of `qr.card`."""

    def __init__(self, workspace_id: UUID, id: UUID, title: str = "a card") -> None:  # noqa: A002
        self.workspace_id = workspace_id
        self.id = id
        self.contact_id = id
        self.title = title
        self.fields = list[str]()
        self.slug = id.hex
        self.version = 1
        self.created_at = self.updated_at = AT


class Code:
    """A row of `qr.code`; without its card, the server refuses it."""

    def __init__(self, workspace_id: UUID, id: UUID, card_id: UUID) -> None:  # noqa: A002
        self.workspace_id = workspace_id
        self.id = id
        self.card_id = card_id
        self.kind = "vcard"
        self.error_correction = "M"
        self.content = ""
        self.version = 1
        self.created_at = self.updated_at = AT


class Fingerprint:
    """A row of `crm_contacts.fingerprint`; without its contact, the server refuses it."""

    def __init__(self, workspace_id: UUID, contact_id: UUID, content_key: bytes = b"a") -> None:
        self.workspace_id = workspace_id
        self.contact_id = contact_id
        self.content_key = content_key


@pytest.fixture(scope="package", autouse=True)
def _mapped() -> Iterator[None]:
    mapping = registry()
    mapping.map_imperatively(Card, card)
    mapping.map_imperatively(Code, code)
    mapping.map_imperatively(Fingerprint, fingerprint)
    yield
    mapping.dispose()


@pytest.fixture
def titles(workspace: WorkspaceUnderTest) -> Callable[[], set[str]]:
    """Return the titles of all cards that were committed."""

    def read() -> set[str]:
        with workspace.acting_as("qr") as scope:
            return set(scope.work.connection().execute(text("SELECT title FROM qr.card")).scalars())

    return read


@pytest.fixture
def admin(database: Location) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the administrator."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as connection:
        yield connection


Administrator = psycopg.Connection[Any]


def role_of(scope: Scope) -> str:
    """Return the role that the server has set."""
    return str(scope.work.connection().execute(text("SELECT current_user")).scalar_one())


def workspace_of(scope: Scope) -> str:
    """Return the workspace that the server has set."""
    statement = text("SELECT current_setting('meishi.workspace', true)")
    return str(scope.work.connection().execute(statement).scalar_one() or "")


def new_card(workspace: WorkspaceUnderTest, title: str = "a card") -> Card:
    """Return a card that is not stored yet."""
    return Card(workspace.id, workspace.host.new_id(), title)


def orphan_code(workspace: WorkspaceUnderTest) -> Code:
    """Return a code that the server refuses, because it has no card."""
    return Code(workspace.id, workspace.host.new_id(), workspace.host.new_id())


class WireLog:
    """What travels to the server, read from libpq's own trace."""

    def __init__(self, engine: Engine, file: Path) -> None:
        self._file = file
        self._handle = file.open("w")
        event.listen(engine, "connect", self._trace)

    def _trace(self, driver: psycopg.Connection[Any], _record: object) -> None:
        driver.pgconn.trace(self._handle.fileno())

    def close(self) -> None:
        """End the log; its connections must be closed."""
        self._handle.close()

    def lines(self) -> list[str]:
        """Return libpq's lines since the last reading."""
        found = self._file.read_text().splitlines()
        self._handle.seek(0)
        self._handle.truncate()
        return found


@pytest.fixture
def wire(host: Host, tmp_path: Path) -> Iterator[WireLog]:
    """A log of what new connections of the host send."""
    host.engine.dispose()
    log = WireLog(host.engine, tmp_path / "wire")
    yield log
    host.engine.dispose()
    log.close()
