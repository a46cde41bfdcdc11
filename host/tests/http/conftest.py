"""People and tokens around the workspace under test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text

from meishi.core.identity.contract import Tokens
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.testing.fixtures import WorkspaceUnderTest

Headers = dict[str, str]
IssueToken = Callable[..., Headers]


@pytest.fixture
def issue_token(workspace: WorkspaceUnderTest) -> IssueToken:
    """Issue a further token of the owner and return the headers that carry it."""

    def issue(scopes: frozenset[str] | None = None, expires_at: datetime | None = None) -> Headers:
        with workspace.acting_as("identity"):
            token = service(Tokens).issue(
                user_id=workspace.owner_id, name="further", scopes=scopes, expires_at=expires_at
            )
        return {"Authorization": f"Bearer {token.secret}"}

    return issue


@pytest.fixture
def change_identity(workspace: WorkspaceUnderTest) -> Callable[[str], None]:
    """Change identity's rows of the workspace in a way that no contract offers yet."""

    def change(statement: str) -> None:
        with workspace.acting_as("identity"):
            assert current_connection().execute(text(statement)).rowcount > 0

    return change
