"""More people of a workspace, for tests of what one sees and another does not."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest


def join(
    workspace: WorkspaceUnderTest,
    database: Location,
    name: str,
    role: str = "member",
    scopes: frozenset[str] | None = None,
) -> WorkspaceUnderTest:
    """Make somebody a member, and return the workspace with a token of theirs.

    The `owner_id` of what is returned is the id of this member. The token may do what their role
    may, or as much of that as `scopes` name.
    """
    user_id = workspace.host.new_id()
    with psycopg.connect(database.administrator_url()) as server:
        server.execute(
            'INSERT INTO identity."user" (id, email, name) VALUES (%s, %s, %s)',
            [user_id, f"{name.lower()}@colleagues.example", name],
        )
        server.execute(
            "INSERT INTO identity.membership (workspace_id, user_id, role) VALUES (%s, %s, %s)",
            [workspace.id, user_id, role],
        )
    with workspace.acting_as("identity"):
        token = service(Tokens).issue(user_id=user_id, name=name, scopes=scopes)
    return replace(workspace, owner_id=user_id, token=token.secret)
