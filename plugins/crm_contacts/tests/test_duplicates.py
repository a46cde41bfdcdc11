"""Duplicates over HTTP: found as contacts come, explained, decided about, and scanned for."""

from __future__ import annotations

from typing import Any

import pytest

from crm_contacts.contract import Duplicates
from meishi.sdk.context import service
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .conftest import CONTACTS, ContactsClient, vcard

DUPLICATES = f"{CONTACTS}/duplicates"
ANNA: dict[str, Any] = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "birthday": "1980-03-21",
    "emails": [{"address": "anna@lindqvist.example"}],
}
COPY: dict[str, Any] = ANNA | {
    "name": {"full": "Anna Lindkvist", "given": "Anna", "family": "Lindkvist"}
}
BO: dict[str, Any] = {
    "name": {"full": "Bo Ek", "given": "Bo", "family": "Ek"},
    "birthday": "1975-01-30",
}


class DuplicatesClient:
    """Pairs of a workspace; what should succeed is seen to succeed."""

    def __init__(self, contacts: ContactsClient, workspace: WorkspaceUnderTest, host: Host) -> None:
        self.contacts = contacts
        services = [] if host is workspace.host else [host]
        self.deliver = EventDeliveries(workspace.host, *services)
        self.deliver.register()

    def get(self, path: str = "", **query: Any) -> Any:
        """Return what is at a path below the pairs."""
        answer = self.contacts.client.get(
            f"{DUPLICATES}{path}", query_string=query, headers=self.contacts.headers
        )
        assert answer.status_code == 200, answer.text
        return answer.json

    def pairs(self, **query: Any) -> list[dict[str, Any]]:
        """Return the first page of pairs, after all events were followed."""
        self.deliver()
        items: list[dict[str, Any]] = self.get(**query)["items"]
        return items

    def of(self, contact: dict[str, Any]) -> list[dict[str, Any]]:
        """Return who may be a contact."""
        answer = self.contacts.client.get(
            f"{CONTACTS}/{contact['id']}/duplicates", headers=self.contacts.headers
        )
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = (answer.json or {})["items"]
        return items

    def post(self, path: str, status: int = 200, **headers: str) -> Any:
        """Do something with a pair, whatever version it has."""
        answer = self.contacts.client.post(
            f"{DUPLICATES}/{path}",
            headers=self.contacts.headers
            | {"If-Match": "*"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )
        assert answer.status_code == status, answer.text
        return answer.json


@pytest.fixture
def duplicates(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> DuplicatesClient:
    """The duplicates of the workspace."""
    return DuplicatesClient(contacts, workspace, plugin_host)


def ends(pair: dict[str, Any]) -> set[str]:
    """Return the contacts of a pair."""
    return {item["id"] for item in pair["contacts"]}


def test_who_comes_is_compared_at_once(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """The contact itself tells who it may be, before any worker has done anything."""
    first, copy = contacts.create(ANNA), contacts.create(COPY)
    contacts.create(BO)
    (found,) = duplicates.of(copy)
    assert (found["contact_id"], found["name"]) == (first["id"], "Anna Lindqvist")
    assert (found["verdict"], found["state"], found["pair_id"]) == ("certain", "open", None)
    assert found["score"] == pytest.approx(
        sum(item["bits"] for item in found["evidence"]), abs=0.02
    )
    said = {item["field"]: item["agreement"] for item in found["evidence"]}
    assert said == {
        "given_name": "same",
        "family_name": "similar",
        "birthday": "same",
        "emails": "same",
        "prior": "missing",
    }


def test_pairs_are_remembered_and_follow_changes(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """What is no duplicate any more is none; a pair with a deleted contact is not shown."""
    first, copy = contacts.create(ANNA), contacts.create(COPY)
    (pair,) = duplicates.pairs()
    assert ends(pair) == {first["id"], copy["id"]}
    assert duplicates.get(f"/{pair['id']}") == pair
    assert duplicates.of(copy)[0]["pair_id"] == pair["id"]
    path = f"{CONTACTS}/{copy['id']}"
    headers = contacts.headers | {"If-Match": "*"}
    assert contacts.client.delete(path, headers=headers).status_code == 204
    assert duplicates.pairs() == []
    assert duplicates.of(first) == []
    assert contacts.client.post(f"{path}/restore", headers=contacts.headers).status_code == 200
    assert [ends(found) for found in duplicates.pairs()] == [ends(pair)]
    contacts.patch(copy, BO)
    assert duplicates.pairs() == []


def test_what_is_no_duplicate_stays_so(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """Whatever changes and however often all are looked at; until somebody takes it back."""
    first, copy = contacts.create(ANNA), contacts.create(COPY)
    (pair,) = duplicates.pairs()
    dismissed = duplicates.post(f"{pair['id']}/dismiss")
    assert (dismissed["state"], dismissed["version"]) == ("dismissed", pair["version"] + 1)
    contacts.patch(copy, {"name": ANNA["name"]})
    scan(duplicates)
    assert duplicates.pairs() == []
    (kept,) = duplicates.pairs(**{"filter[state][eq]": "dismissed"})
    assert kept["id"] == pair["id"]
    assert duplicates.of(first)[0]["state"] == "dismissed"
    assert duplicates.post(f"{pair['id']}/reopen")["state"] == "open"
    assert [found["id"] for found in duplicates.pairs()] == [pair["id"]]


def test_a_decision_needs_the_pair_as_it_is(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """428 without a version, 412 with an old one, 404 for a pair that is not there."""
    contacts.create(ANNA)
    contacts.create(COPY)
    (pair,) = duplicates.pairs()
    path = f"{DUPLICATES}/{pair['id']}/dismiss"
    assert contacts.client.post(path, headers=contacts.headers).status_code == 428
    duplicates.post(f"{pair['id']}/dismiss", If_Match=f'"{pair["version"]}.0123456789abcdef"')
    duplicates.post(f"{pair['id']}/reopen", 412, If_Match=f'"{pair["version"]}.0123456789abcdef"')
    duplicates.post("01939d2c-5f6e-7a1b-8c3d-4e5f60718293/dismiss", 404)


def scan(duplicates: DuplicatesClient) -> dict[str, Any]:
    """Look at all contacts, and return the operation."""
    duplicates.deliver.register()
    answer = duplicates.contacts.client.post(
        f"{DUPLICATES}/scan", headers=duplicates.contacts.headers
    )
    assert answer.status_code == 202, answer.text
    duplicates.contacts.run_jobs()
    return duplicates.contacts.operation((answer.json or {})["id"])


def test_a_scan_finds_what_an_import_brought(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """Many at once, page by page; its end says what it found, and it is done again as a whole."""
    cards = [
        vcard(f"FN:{name} Number{place}", f"N:Number{place};{name};;;", f"EMAIL:n{place}@x.example")
        for place in range(300)
        for name in ("Anna", "Ana")
    ]
    contacts.upload("".join(cards))
    operation = scan(duplicates)
    assert operation["state"] == "succeeded", operation
    assert operation["result"]["contacts"] == 600
    assert operation["result"]["found"] == 300
    found = duplicates.get(limit=200, total="true")
    assert found["total"] == 300
    further = duplicates.get(limit=200, after=found["next_after"])
    assert len({item["id"] for item in (*found["items"], *further["items"])}) == 300
    scores = [item["score"] for item in found["items"]]
    assert scores == sorted(scores, reverse=True)
    again = scan(duplicates)
    assert again["id"] != operation["id"]
    assert duplicates.get(limit=1, total="true")["total"] == 300


def test_a_scan_goes_on_where_it_stopped(
    contacts: ContactsClient, duplicates: DuplicatesClient, workspace: WorkspaceUnderTest
) -> None:
    """Who begins one while another is not at its end is given that."""
    contacts.create(ANNA)
    contacts.create(COPY)
    with workspace.acting_as("crm_contacts"):
        begun = service(Duplicates).start_scan()
    with workspace.acting_as("crm_contacts"):
        assert service(Duplicates).start_scan().id == begun.id
        ended = service(Duplicates).run_scan(begun.id)
    assert (ended.done, ended.total, ended.found, ended.certain) == (2, 2, 1, 1)
    assert ended.completed_at is not None
    with workspace.acting_as("crm_contacts"):
        assert service(Duplicates).run_scan(begun.id) == ended
        assert service(Duplicates).start_scan().id != begun.id


def test_pairs_are_filtered_and_sorted(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """By contact, score and state; what makes no sense is refused."""
    first, second, third = (contacts.create(item) for item in (ANNA, COPY, ANNA))
    assert len(duplicates.pairs()) == 3
    found = duplicates.pairs(**{"filter[contact_id][eq]": first["id"]}, sort="score")
    assert all(first["id"] in ends(pair) for pair in found)
    assert len(found) == 2
    assert duplicates.pairs(**{"filter[score][gte]": 900}) == []
    assert len(duplicates.pairs(**{"filter[score][lt]": 900})) == 3
    best = duplicates.pairs(limit=1)[0]
    assert ends(best) == {first["id"], third["id"]}
    answer = contacts.client.get(
        DUPLICATES, query_string={"filter[state][eq]": "maybe"}, headers=contacts.headers
    )
    assert answer.status_code == 400
    assert second["id"] not in ends(best)


def test_groups_are_whole(
    contacts: ContactsClient, duplicates: DuplicatesClient, workspace: WorkspaceUnderTest
) -> None:
    """Who is certainly one is together; one pair that was dismissed keeps two apart."""
    first, second, third = (contacts.create(ANNA)["id"] for _ in range(3))
    pairs = duplicates.pairs()
    with workspace.acting_as("crm_contacts"):
        (group,) = service(Duplicates).groups()
    assert [str(found) for found in group] == [first, second, third]
    (apart,) = [pair for pair in pairs if ends(pair) == {first, third}]
    duplicates.post(f"{apart['id']}/dismiss")
    with workspace.acting_as("crm_contacts"):
        (group,) = service(Duplicates).groups()
    assert len(group) == 2


def test_a_pair_is_open_again_once_both_are_back(
    duplicates: DuplicatesClient, contacts: ContactsClient
) -> None:
    """Who went into a third one together may be the same still; and who was merged and restored."""
    one, other, third = (contacts.create(item) for item in (ANNA, COPY, BO))
    (pair,) = duplicates.pairs()
    merged = {"merged_ids": [one["id"], other["id"]]}
    paths = [f"{third['id']}/merge", f"{one['id']}/unmerge", f"{other['id']}/unmerge"]
    for path, body in zip(paths, (merged, None, None), strict=True):
        answer = contacts.client.post(f"{CONTACTS}/{path}", json=body, headers=contacts.headers)
        assert answer.status_code == 200, answer.text
    assert [ends(item) for item in duplicates.pairs()] == [ends(pair)]
    for path, body in ((f"{one['id']}/merge", {"merged_ids": [other["id"]]}),
                       (f"{other['id']}/restore", None)):  # fmt: skip
        answer = contacts.client.post(f"{CONTACTS}/{path}", json=body, headers=contacts.headers)
        assert answer.status_code == 200, answer.text
    (found,) = duplicates.pairs()
    assert ends(found) == ends(pair)
    duplicates.post(f"{found['id']}/dismiss")


def test_a_dismissal_that_a_merge_has_brought_goes_with_it(
    duplicates: DuplicatesClient, contacts: ContactsClient
) -> None:
    """Who is somebody else than a merged contact may be the other one again; decisions stay."""
    source, other = contacts.create(ANNA), contacts.create(COPY)
    target = contacts.create(ANNA | {"title": "Chef"})
    between = {frozenset(ends(pair)): pair for pair in duplicates.pairs()}
    apart = between[frozenset((source["id"], other["id"]))]
    duplicates.post(f"{apart['id']}/dismiss")

    def post(path: str, body: Any = None) -> None:
        answer = contacts.client.post(f"{CONTACTS}/{path}", json=body, headers=contacts.headers)
        assert answer.status_code == 200, answer.text

    post(f"{target['id']}/merge", {"merged_ids": [source["id"]]})
    assert duplicates.pairs() == []
    post(f"{source['id']}/unmerge")
    (found,) = duplicates.pairs()
    assert ends(found) == {target["id"], other["id"]}
    # What somebody has decided about the one that stays is no part of the merge.
    duplicates.post(f"{found['id']}/dismiss")
    post(f"{target['id']}/merge", {"merged_ids": [source["id"]]})
    post(f"{source['id']}/unmerge")
    assert duplicates.pairs() == []
