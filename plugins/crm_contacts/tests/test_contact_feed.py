"""The feed of changes: who applies what it tells has what the owner has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.types import Host, Location

from .conftest import CONTACTS, ContactsClient, own, vcard

FEED = f"{CONTACTS}/changes"


class Mirror:
    """A client that keeps a copy of the contacts by the feed alone."""

    def __init__(self, client: FlaskClient, headers: dict[str, str], limit: int = 2) -> None:
        self._client = client
        self._headers = headers
        self._limit = limit
        self.token: str | None = None
        self.contacts: dict[str, dict[str, Any]] = {}

    def page(self) -> tuple[list[dict[str, Any]], bool]:
        """Ask once, and apply the answer; return its items, and whether the round goes on."""
        query = {"limit": self._limit} | ({} if self.token is None else {"since": self.token})
        answer = self._client.get(FEED, query_string=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        document = answer.json
        assert document is not None
        assert len(document["items"]) <= self._limit
        for item in document["items"]:
            if item.get("deleted"):
                self.contacts.pop(item["id"], None)
            else:
                self.contacts[item["id"]] = item
        self.token = document["next"]
        return document["items"], document["more"]

    def round(self) -> list[dict[str, Any]]:
        """Ask until there is no more; return all items."""
        found, more = self.page()
        while more:
            items, more = self.page()
            found += items
        return found


@pytest.fixture
def mirror(client: FlaskClient, workspace: WorkspaceUnderTest) -> Mirror:
    """A client of the workspace that knows nothing yet."""
    return Mirror(client, workspace.headers)


class Owner(ContactsClient):
    """Who has the contacts, and changes them."""

    def state(self) -> dict[str, dict[str, Any]]:
        """Return every contact, by its id."""
        return {item["id"]: item for item in self.all()}

    def change(self, contact_id: str, patch: dict[str, Any]) -> None:
        """Change a contact."""
        headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"} | self.headers
        answer = self.client.patch(f"{CONTACTS}/{contact_id}", json=patch, headers=headers)
        assert answer.status_code == 200, answer.text

    def delete(self, contact_id: str) -> None:
        """Delete a contact."""
        headers = {"If-Match": "*"} | self.headers
        answer = self.client.delete(f"{CONTACTS}/{contact_id}", headers=headers)
        assert answer.status_code == 204, answer.text

    def restore(self, contact_id: str) -> None:
        """Restore a contact."""
        answer = self.client.post(f"{CONTACTS}/{contact_id}/restore", headers=self.headers)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def owner(client: FlaskClient, workspace: WorkspaceUnderTest, plugin_host: Host) -> Owner:
    """The owner of the workspace."""
    services = [] if plugin_host is workspace.host else [plugin_host]
    return Owner(client, workspace, *services)


def test_a_round_tells_what_has_changed_and_the_next_one_nothing(
    owner: Owner, mirror: Mirror
) -> None:
    """First all there is; then what was made, changed, deleted and restored, each thing once."""
    made = [owner.create({"name": {"full": f"Anna {place}"}}) for place in range(5)]
    assert [item["id"] for item in mirror.round()] == [item["id"] for item in made]
    assert mirror.round() == []
    owner.change(made[3]["id"], {"name": {"full": "Bea"}})
    owner.delete(made[1]["id"])
    new = owner.create({"name": {"full": "Carl"}})
    told = mirror.round()
    assert [item["id"] for item in told] == [made[1]["id"], made[3]["id"], new["id"]]
    tombstone = told[0]
    assert set(tombstone) == {"id", "deleted", "deleted_at"}
    assert datetime.fromisoformat(tombstone["deleted_at"]).tzinfo == UTC
    owner.restore(made[1]["id"])
    assert [item["id"] for item in mirror.round()] == [made[1]["id"]]
    assert mirror.contacts == owner.state()
    assert mirror.round() == []


def test_deleted_contacts_are_not_told_to_who_begins(owner: Owner, mirror: Mirror) -> None:
    """The first round has no tombstones: its reader knows of nothing that could be gone."""
    gone, kept = (owner.create({"name": {"full": name}})["id"] for name in ("Anna", "Bea"))
    owner.delete(gone)
    assert [item["id"] for item in mirror.round()] == [kept]


PARTS = {
    "emails": [{"address": "anna@example.com"}],
    "phones": [{"number": "+46 70 123 45 67"}],
    "links": [{"url": "https://example.com/"}],
    "addresses": [{"locality": "Uppsala"}],
    "raw": [{"name": "X-SKYPE", "value": "anna"}],
}


@pytest.mark.parametrize("part", PARTS)
def test_what_a_contact_has_several_of_counts(part: str, owner: Owner, mirror: Mirror) -> None:
    """An email that comes or goes is a change of its contact."""
    contact = owner.create({"name": {"full": "Anna"}})
    mirror.round()
    for values in (PARTS[part], []):
        owner.change(contact["id"], {part: values})
        (told,) = mirror.round()
        assert told == own(owner.get(contact["id"]))
        assert bool(told[part]) is bool(values)


def test_imports_count_and_so_does_what_they_merge(owner: Owner, mirror: Mirror) -> None:
    """Rows that come in by the thousand, and duplicates that add to a contact, are told."""
    mirror.round()
    owner.upload(vcard("UID:a", "FN:Anna") + vcard("UID:b", "FN:Bea"))
    assert {item["uid"] for item in mirror.round()} == {"a", "b"}
    owner.upload(vcard("UID:a", "FN:Anna", "EMAIL:anna@example.com") + vcard("UID:b", "FN:Bea"))
    (told,) = mirror.round()
    assert [item["address"] for item in told["emails"]] == ["anna@example.com"]
    assert mirror.contacts == owner.state()


class Writers:
    """Transactions that overlap, each on a connection of its own, and what they have in hand."""

    INSERT = """
        INSERT INTO crm_contacts.contact (workspace_id, id, kind, full_name, nicknames, units, raw,
            name_key, given_name_key, family_name_key, organisation_key, title_key,
            version, created_at, updated_at)
        VALUES (%s, %s, 'individual', %s, '{}', '{}', '[]', '', '', '', '', '', 1, now(), now())
    """

    def __init__(self, connections: list[psycopg.Connection[Any]], workspace: UUID) -> None:
        self._connections = connections
        self._workspace = workspace
        self._numbers = count(1)
        self._rows: list[UUID] = []
        self._new: dict[UUID, int] = {}
        self._held: dict[UUID, int] = {}
        self._open: set[int] = set()
        self.commits = 0

    def insert(self, writer: int, _row: int) -> None:
        """Insert a contact."""
        contact_id = uuid4()
        self._begin(writer)
        values = (self._workspace, contact_id, f"Name {next(self._numbers)}")
        self._connections[writer].execute(self.INSERT, values)
        self._rows.append(contact_id)
        self._new[contact_id] = self._held[contact_id] = writer

    def update(self, writer: int, row: int) -> None:
        """Change the name of a contact that nobody else has in hand."""
        self._set(writer, row, f"full_name = 'Name {next(self._numbers)}'")

    def delete(self, writer: int, row: int) -> None:
        """Delete such a contact."""
        self._set(writer, row, "deleted_at = now()")

    def restore(self, writer: int, row: int) -> None:
        """Restore one, or change nothing about it but that somebody was there."""
        self._set(writer, row, "deleted_at = NULL")

    def commit(self, writer: int, _row: int) -> None:
        """Commit what a writer did."""
        if writer in self._open:
            self._end(writer, "COMMIT")
            self.commits += 1

    def roll_back(self, writer: int, _row: int) -> None:
        """Undo what a writer did."""
        if writer in self._open:
            undone = {key for key, by in self._new.items() if by == writer}
            self._rows = [key for key in self._rows if key not in undone]
            self._end(writer, "ROLLBACK")

    def _begin(self, writer: int) -> None:
        if writer not in self._open:
            self._connections[writer].execute("BEGIN")
            self._open.add(writer)

    def _end(self, writer: int, how: str) -> None:
        self._connections[writer].execute(how)
        self._open.discard(writer)
        self._new = {key: by for key, by in self._new.items() if by != writer}
        self._held = {key: by for key, by in self._held.items() if by != writer}

    def _set(self, writer: int, row: int, what: str) -> None:
        free = [key for key in self._rows if self._held.get(key, writer) == writer]
        if free:
            contact_id = free[row % len(free)]
            self._begin(writer)
            self._connections[writer].execute(
                f"UPDATE crm_contacts.contact SET {what}, version = version + 1 WHERE id = %s",
                [contact_id],
            )
            self._held[contact_id] = writer


WRITERS = 4
WRITES = ("insert", "insert", "update", "update", "delete", "restore")
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*WRITES, "commit", "commit", "roll_back", "page", "page", "page")),
        st.integers(0, WRITERS - 1),
        st.integers(0, 7),
    ),
    min_size=10,
    max_size=60,
)


@pytest.fixture
def connections(plugin_database: Location) -> Iterator[list[psycopg.Connection[Any]]]:
    """Connections of the administrator, on which transactions can overlap."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                psycopg.connect(plugin_database.administrator_url(), autocommit=True)
            )
            for _ in range(WRITERS)
        ]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_a_mirror_is_what_the_owner_has(
    steps: list[tuple[str, int, int]],
    workspace: WorkspaceUnderTest,
    client: FlaskClient,
    connections: list[psycopg.Connection[Any]],
) -> None:
    """Whatever order transactions begin, write and end in, and whenever pages are read.

    After every round during which nothing was committed the mirror is the owner's state, also
    while transactions are open; and after the last one in any case.
    """
    own = found_workspace(workspace.host, f"w{uuid4().hex}")
    owner = Owner(client, own)
    mirror = Mirror(client, own.headers)
    writers = Writers(connections, own.id)
    commits: int | None = None
    for step, writer, row in steps:
        if step != "page":
            getattr(writers, step)(writer, row)
            continue
        if commits is None:
            commits = writers.commits
        _, more = mirror.page()
        if not more:
            if commits == writers.commits:
                event("compared")
                assert mirror.contacts == owner.state()
            commits = None
    for writer in range(WRITERS):
        (writers.commit if writer % 2 else writers.roll_back)(writer, 0)
    mirror.round()
    mirror.round()
    assert mirror.contacts == owner.state()
    assert mirror.round() == []


def test_a_transaction_that_never_ends_holds_nothing_up(
    owner: Owner,
    mirror: Mirror,
    connections: list[psycopg.Connection[Any]],
    workspace: WorkspaceUnderTest,
) -> None:
    """What others commit meanwhile is told at once and once; its own rows when it ends."""
    mirror.round()
    writers = Writers(connections, workspace.id)
    writers.insert(0, 0)
    for name in ("Anna", "Bea", "Carl"):
        contact = owner.create({"name": {"full": name}})
        assert [item["id"] for item in mirror.round()] == [contact["id"]]
    writers.commit(0, 0)
    (late,) = mirror.round()
    assert late["name"]["full"] == "Name 1"
    assert mirror.contacts == owner.state()


def test_savepoints_end_with_their_transaction(
    owner: Owner,
    mirror: Mirror,
    connections: list[psycopg.Connection[Any]],
    workspace: WorkspaceUnderTest,
) -> None:
    """What one kept is told when all around it is committed; what one undid is never told."""
    kept, undone = (owner.create({"name": {"full": name}})["id"] for name in ("Anna", "Bea"))
    mirror.round()
    own, writers = connections[0], Writers(connections, workspace.id)
    rename = "UPDATE crm_contacts.contact SET full_name = %s, version = version + 1 WHERE id = %s"
    writers.insert(0, 0)
    own.execute("SAVEPOINT one")
    own.execute(rename, ["Anne", kept])
    writers.insert(0, 0)
    own.execute("RELEASE one")
    own.execute("SAVEPOINT two")
    own.execute(rename, ["Bee", undone])
    own.execute("ROLLBACK TO two")
    other = owner.create({"name": {"full": "Carl"}})
    assert [item["id"] for item in mirror.round()] == [other["id"]]
    writers.commit(0, 0)
    told = {item["name"]["full"] for item in mirror.round()}
    assert told == {"Name 1", "Name 2", "Anne"}
    assert mirror.contacts == owner.state()
    assert mirror.round() == []


def test_a_round_ends_however_much_is_written_meanwhile(owner: Owner, mirror: Mirror) -> None:
    """It goes to where the feed was as it began; what comes after that is of the next one."""
    mirror.round()
    before = {owner.create({"name": {"full": f"Before {number}"}})["id"] for number in range(5)}
    told, more = mirror.page()
    for number in range(2):
        assert more
        for extra in "ab":
            owner.create({"name": {"full": f"Meanwhile {number}{extra}"}})
        items, more = mirror.page()
        told += items
    assert (more, {item["id"] for item in told}) == (False, before)
    assert len(mirror.round()) == 4
    assert mirror.contacts == owner.state()
