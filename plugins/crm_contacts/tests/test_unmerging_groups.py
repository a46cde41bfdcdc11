"""Merges of several contacts into one that are taken back one by one."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import ContactDraft, Contacts, Name, RawProperty
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .test_unmerging import CONTACTS, Book, addresses, email


@pytest.fixture
def group(client: FlaskClient, workspace: WorkspaceUnderTest) -> Book:
    """The contacts of the workspace under test."""
    return Book(client, workspace)


def test_a_relationship_between_two_that_were_merged_goes_back_to_both(group: Book) -> None:
    """Whichever comes back first: it leads to the contact that has the other, and then to that."""
    for first in (0, 1):
        target, *sources = (group.add(name) for name in ("Anna", "Bo", "Cy"))
        group.relate(sources[0], sources[1], "friend")
        before = group.related(sources[0])
        group.merge(target, *sources)
        assert group.related(target) == set()
        group.unmerge(sources[first])
        (between,) = group.related(target)
        assert set(between[:2]) == {target["id"], sources[first]["id"]}
        group.unmerge(sources[1 - first])
        assert group.related(sources[0]) == group.related(sources[1]) == before
        assert group.related(target) == set()


def people(group: Book) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Add somebody, and two others who say the same and more."""
    shared: dict[str, Any] = {"birthday": "1980-03-21", "tags": ["Chef"]}
    return (
        group.add("Anna Ek", emails=email("anna@x.example")),
        group.add("Anna Ek", title="Chef", emails=email("ek@x.example", "b@x.example"), **shared),
        group.add("Anna Ek", title="Cook", emails=email("c@x.example", "ek@x.example"), **shared),
    )


def test_what_another_one_says_too_stays(group: Book) -> None:
    """Of two that said the same, one comes back: the other's word is still the contact's."""
    target, first, second = people(group)
    before = [group.said(item) for item in (target, first, second)]
    group.merge(target, first, second)
    assert group.unmerge(first)["kept"] == []
    found = group.said(target)
    assert sorted(addresses(found)) == ["anna@x.example", "c@x.example", "ek@x.example"]
    assert (found["birthday"], found["tags"]) == ("1980-03-21", ["Chef"])
    assert found["title"] == "Cook"
    assert group.unmerge(second)["kept"] == []
    assert [group.said(item) for item in (target, first, second)] == before


def test_of_three_any_may_come_back_first(group: Book) -> None:
    """Each brings what it says with all others that do; at the end nothing is left of them."""
    for order in ((0, 2, 1), (1, 0, 2), (2, 1, 0)):
        target, *sources = (group.add("Anna Ek") for _ in range(4))
        for number, source in enumerate(sources):
            group.change(
                source, title=f"Chef {number}", emails=email("ek@x.example", f"{number}@x.example")
            )
        before = [group.said(item) for item in (target, *sources)]
        group.merge(target, sources[0])
        group.merge(target, *sources[1:])
        left = list(sources)
        for place in order:
            assert group.unmerge(sources[place])["kept"] == []
            left.remove(sources[place])
            found = group.said(target)
            expected = {"ek@x.example", *(f"{sources.index(item)}@x.example" for item in left)}
            assert set(addresses(found)) == (expected if left else set())
            assert found["title"] == (f"Chef {sources.index(left[0])}" if left else None)
        assert [group.said(item) for item in (target, *sources)] == before


def test_no_merge_keeps_without_end(group: Book, workspace: WorkspaceUnderTest) -> None:
    """What is kept of many merges into a large contact has a limit; nothing is half done."""
    photo = RawProperty(name="PHOTO", value="x" * 3_000_000)
    with workspace.acting_as("crm_contacts"):
        large = service(Contacts).create(ContactDraft(name=Name(full="Anna"), raw=(photo,)))
    target, sources = {"id": str(large.id)}, [group.add("Anna") for _ in range(20)]
    body = {"merged_ids": [item["id"] for item in sources]}
    path = f"{CONTACTS}/{target['id']}/merge"
    answer = group.client.post(path, json=body, headers=group.headers)
    assert answer.status_code == 422, answer.text
    assert all(group.get(item).status_code == 200 for item in sources)
    group.merge(target, *sources[:2])


def test_the_second_may_come_back_first(group: Book) -> None:
    """Then what the first one said is all there, and nothing at the end."""
    target, first, second = people(group)
    before = [group.said(item) for item in (target, first, second)]
    group.merge(target, first)
    group.merge(target, second)
    group.unmerge(second)
    found = group.said(target)
    assert addresses(found) == ["anna@x.example", "ek@x.example", "b@x.example"]
    assert (found["title"], found["birthday"]) == ("Chef", "1980-03-21")
    group.unmerge(first)
    assert [group.said(item) for item in (target, first, second)] == before


def test_what_was_taken_off_does_not_come_back_for_another_one(group: Book) -> None:
    """What somebody has removed or typed over since stays so, whoever else had said it."""
    target, first, second = people(group)
    group.merge(target, first, second)
    group.change(target, birthday="1981-01-01", emails=email("anna@x.example", "c@x.example"))
    told = {item["field"] for item in group.unmerge(first)["kept"]}
    assert told == {"emails"}
    found = group.said(target)
    assert addresses(found) == ["anna@x.example", "c@x.example"]
    assert found["birthday"] == "1981-01-01"
    told = {item["field"] for item in group.unmerge(second)["kept"]}
    assert told == {"birthday", "emails"}
    found = group.said(target)
    assert (addresses(found), found["birthday"]) == (["anna@x.example"], "1981-01-01")
