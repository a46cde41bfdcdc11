"""What was written into the audit, and people who may do some things only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

IssueToken = Callable[..., dict[str, str]]


class Audit:
    """The rows of the audit, as an administrator sees them."""

    def __init__(self, database: Location) -> None:
        self._url = database.administrator_url()

    def rows(self) -> list[Any]:
        """Return all rows, the oldest first."""
        with psycopg.connect(self._url, row_factory=namedtuple_row) as admin:
            return admin.execute("SELECT * FROM audit.entry ORDER BY at, id").fetchall()

    def actions(self) -> list[tuple[str, str]]:
        """Return outcome and action of each row."""
        return [(row.outcome, row.action) for row in self.rows()]

    def run(self, statement: str) -> None:
        """Run a statement."""
        with psycopg.connect(self._url) as admin:
            admin.execute(statement)


@pytest.fixture
def audit(database: Location) -> Audit:
    """The audit of this test's database."""
    return Audit(database)


@pytest.fixture
def issue_token(workspace: WorkspaceUnderTest) -> IssueToken:
    """Issue a further token of the owner, and return the headers that carry it."""

    def issue(*scopes: str) -> dict[str, str]:
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=workspace.owner_id, name="further", scopes=frozenset(scopes)
            )
        return {"Authorization": f"Bearer {token.secret}"}

    return issue


@pytest.fixture
def token_id(workspace: WorkspaceUnderTest) -> UUID:
    """The id of the workspace's token."""
    with workspace.host.scope():
        found = workspace.host.service(Tokens).resolve(workspace.token)
    assert found is not None
    return found.token_id
