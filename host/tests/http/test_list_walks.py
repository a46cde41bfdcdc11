"""Walking lists by their cursors, also while items come and go."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS = "/api/v1/contacts"

#: Few names, so that many tie.
NAMES = st.sampled_from(["a", "A", "b", "é", "z"])
SORTS = st.sampled_from(["", "name", "-name", "-created_at", "organisation,-name"])
#: What happens between two pages: contacts come in by their names, or leave by their places.
CHANGES = st.lists(st.lists(NAMES | st.integers(0, 9), max_size=3), max_size=4)
#: More pages than there are ever items.
MOST_PAGES = 30
LIMITS = st.lists(st.integers(1, 4), min_size=1, max_size=3)


class Walked:
    """A list of contacts of one organisation that nobody else works for."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers
        self.organisation = uuid4().hex
        self.there: list[str] = []
        self.gone: set[str] = set()

    def add(self, name: str) -> None:
        """Add a contact."""
        document = {"name": {"full": name}, "organisation": self.organisation}
        answer = self.client.post(CONTACTS, json=document, headers=self.headers)
        assert answer.json is not None
        self.there.append(answer.json["id"])

    def remove(self, place: int) -> None:
        """Delete one of the contacts that came in, if there is any."""
        if self.there:
            gone = self.there.pop(place % len(self.there))
            self.gone.add(gone)
            headers = self.headers | {"If-Match": "*"}
            self.client.delete(f"{CONTACTS}/{gone}", headers=headers)

    def page(self, **query: Any) -> dict[str, Any]:
        """Return a page of the list."""
        asked = {"filter[organisation][eq]": self.organisation} | {
            name: value for name, value in query.items() if value
        }
        answer = self.client.get(CONTACTS, query_string=asked, headers=self.headers)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def walk(
        self, sort: str, limits: list[int], changes: list[list[str | int]]
    ) -> Iterator[list[str]]:
        """Yield the ids on each page; between two of them the next changes are made."""
        left, after = iter(changes), None
        for limit in islice(cycle(limits), MOST_PAGES):
            page = self.page(sort=sort, limit=limit, after=after)
            yield [item["id"] for item in page["items"]]
            after = page["next_after"]
            if after is None:
                return
            for change in next(left, ()):
                if isinstance(change, int):
                    self.remove(change)
                else:
                    self.add(change)
        raise AssertionError("the walk does not end")


with_fixtures = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def headers(workspace: WorkspaceUnderTest) -> dict[str, str]:
    """What authenticates in the workspace."""
    return workspace.headers


@with_fixtures
@given(names=st.lists(NAMES, max_size=8), sort=SORTS, limits=LIMITS)
def test_walk_sees_everything_once_and_in_order(
    client: FlaskClient, headers: dict[str, str], names: list[str], sort: str, limits: list[int]
) -> None:
    """Whatever the pages' sizes, they are together what one page shows; only the last is short."""
    walked = Walked(client, headers)
    for name in names:
        walked.add(name)
    pages = list(walked.walk(sort, limits, []))
    assert [len(page) for page in pages[:-1]] == [
        limit for limit, _ in zip(cycle(limits), pages[:-1], strict=False)
    ]
    whole = walked.page(sort=sort, limit=200)["items"]
    assert [found for page in pages for found in page] == [item["id"] for item in whole]
    assert sorted(walked.there) == sorted(item["id"] for item in whole)


@with_fixtures
@given(names=st.lists(NAMES, min_size=2, max_size=8), sort=SORTS, limits=LIMITS, changes=CHANGES)
def test_walk_skips_and_repeats_nothing_while_items_come_and_go(
    client: FlaskClient,
    headers: dict[str, str],
    names: list[str],
    sort: str,
    limits: list[int],
    changes: list[list[str | int]],
) -> None:
    """What was there all the while is seen, once and in order; all else at most once."""
    walked = Walked(client, headers)
    for name in names:
        walked.add(name)
    before = set(walked.there)
    seen = [found for page in walked.walk(sort, limits, changes) for found in page]
    stayed = before - walked.gone
    final = [item["id"] for item in walked.page(sort=sort, limit=200)["items"]]
    assert len(set(seen)) == len(seen)
    assert [found for found in seen if found in stayed] == [
        found for found in final if found in stayed
    ]
