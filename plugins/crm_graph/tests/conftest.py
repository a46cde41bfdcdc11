"""The social graph over HTTP, in the words of its tests."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries

Json = dict[str, Any]


class GraphClient:
    """The web API of one workspace; what should succeed is seen to succeed."""

    def __init__(
        self, client: FlaskClient, workspace: WorkspaceUnderTest, deliver: EventDeliveries
    ) -> None:
        self.client = client
        self.headers = workspace.headers
        self.deliver = deliver

    def person(self, name: str, organisation: str | None = None) -> str:
        """Create a contact and return its id."""
        document = {"name": {"full": name}} | (
            {"organisation": organisation} if organisation else {}
        )
        return str(self.send("POST", "contacts", 201, json=document).json["id"])

    def people(self, *names: str, organisation: str | None = None) -> list[str]:
        """Create contacts and return their ids."""
        return [self.person(name, organisation) for name in names]

    def relate(self, source: str, target: str, kind: str = "friend") -> str:
        """Relate two contacts, and return the relationship."""
        document = {"target_id": target, "type": kind}
        path = f"contacts/{source}/relationships"
        return str(self.send("POST", path, 201, json=document).json["id"])

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        """Return what is at an address below the plugin's."""
        return self.send("GET", f"graph/{path}", status, query_string=query).json

    def paths(self, source: str, status: int = 200, **query: str) -> Any:
        """Return the ways from a contact."""
        asked = {"from": source, **query}
        return self.send("GET", "graph/paths", status, query_string=asked).json

    def change(self, contact_id: str, changes: Json) -> None:
        """Change a contact."""
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        self.send("PATCH", f"contacts/{contact_id}", 200, json=changes, headers=headers)

    def delete(self, contact_id: str) -> None:
        """Delete a contact."""
        self.send("DELETE", f"contacts/{contact_id}", 204, headers={"If-Match": "*"})

    def send(self, method: str, path: str, status: int, **options: Any) -> Any:
        """Send a request, and see that it is answered like that."""
        headers = self.headers | options.pop("headers", {})
        answer = self.client.open(f"/api/v1/{path}", method=method, headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer

    def ties(self) -> dict[tuple[str, str], float]:
        """Deliver what has happened, and return the strength of each tie."""
        self.deliver()
        found = self.get("ties")
        ids = found["ids"]
        pairs = zip(found["sources"], found["targets"], strict=True)
        return {
            tuple_of(ids[source], ids[target]): strength
            for (source, target), strength in zip(pairs, found["strengths"], strict=True)
        }


def tuple_of(one: str, other: str) -> tuple[str, str]:
    """Return a pair, the smaller first."""
    return min(one, other), max(one, other)


@pytest.fixture
def graph(
    client: FlaskClient, workspace: WorkspaceUnderTest, deliver_events: EventDeliveries
) -> GraphClient:
    """The social graph of the workspace."""
    deliver_events.register()
    return GraphClient(client, workspace, deliver_events)
