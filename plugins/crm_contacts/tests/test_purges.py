"""Purging deleted contacts: nothing of them is left, and nothing else is lost with them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    BulkEdits,
    ContactErased,
    ContactNotDeleted,
    ContactNotFound,
    Contacts,
    DryRuns,
    Edits,
    Happening,
    Notes,
    Purges,
    PurgeStep,
    SourceCard,
    Tags,
    Timelines,
)
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host, PublishedEvents

from .beside import begun
from .conftest import (
    CONTACTS,
    IMPORTS,
    ContactsClient,
    ContactsPart,
    EventLog,
    run_to_its_end,
    vcard,
)
from .pictures import picture

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
SIZE = {"key": "size", "title": "Size", "type": "text"}
#: Everything that a contact says of itself; its words are nobody else's.
ZELDA = {
    "name": {"full": "Zelda Quux", "given": "Zelda", "family": "Quux"},
    "uid": "urn:x:zelda",
    "nicknames": ["Zeldachen"],
    "organisation": "Quuxworks",
    "title": "Quuxer",
    "birthday": "1990-02-03",
    "note": "Quuxy",
    "emails": [{"address": "zelda@quux.example"}],
    "phones": [{"number": "+46701234507"}],
    "links": [{"url": "https://quux.example"}],
    "addresses": [{"locality": "Quuxtown"}],
    "positions": [{"organisation": "Quuxfirst", "title": "Chair"}],
    "raw": [{"name": "X-QUUX", "value": "quux"}],
    "tags": ["Customer"],
    "custom": {"size": "Quuxlarge"},
}
BO = {"name": {"full": "Bo Ek"}, "emails": [{"address": "bo@ek.example"}]}
#: What imports have written down, which has an end of its own.
OF_IMPORTS = {"import_row", "import_piece"}
NIGHT = datetime(2026, 1, 5, 3, 23, tzinfo=UTC)
LATER = datetime(2026, 1, 5, 3, 47, tzinfo=UTC)


class Bin(ContactsPart):
    """Deleted contacts over HTTP."""

    def json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send what should succeed, and return what was answered."""
        answer = self.send(method, path, **request)
        assert answer.status_code < 300, answer.text
        return dict(answer.json or {})

    def delete(self, contact_id: str) -> None:
        """Delete a contact."""
        answer = self.send("DELETE", f"/{contact_id}", headers={"If-Match": "*"})
        assert answer.status_code == 204, answer.text

    def deleted(self, document: dict[str, Any]) -> str:
        """Create a contact, delete it, and return its id."""
        made = str(self.contacts.create(document)["id"])
        self.delete(made)
        return made

    def purge(self, contact_id: str) -> TestResponse:
        """Try to purge a contact."""
        return self.send("POST", f"/{contact_id}/purge")

    def refused(self, contact_id: str) -> tuple[int, str]:
        """Try to purge a contact, and return how that was refused."""
        answer = self.purge(contact_id)
        return answer.status_code, str((answer.json or {})["type"]).rpartition(":")[2]

    def deleted_ids(self) -> set[str]:
        """Return which contacts are deleted."""
        page = self.contacts.page(**{"filter[deleted][eq]": "true"})
        return {item["id"] for item in page["items"]}

    def names(self, *, deleted: bool) -> list[str]:
        """Return the names of contacts."""
        query = {"filter[deleted][eq]": "true"} if deleted else {}
        return [item["name"]["full"] for item in self.contacts.page(**query)["items"]]


@pytest.fixture
def bin_(contacts: ContactsClient) -> Bin:
    """The deleted contacts of the workspace."""
    return Bin(contacts)


def tables() -> list[Table]:
    """Return every table of the plugin."""
    from crm_contacts.models import metadata

    return list(metadata.tables.values())


def naming(workspace: WorkspaceUnderTest, text: str) -> set[str]:
    """Return the tables with a row in which a text or an id stands, in any case and column."""
    with workspace.acting_as("crm_contacts"):
        return {
            table.name
            for table in tables()
            if execute(
                f"SELECT EXISTS (SELECT FROM {table.fullname} t WHERE"
                " position(lower(%(text)s) IN lower(row_to_json(t)::text)) > 0"
                " OR position(lower(encode(convert_to(%(text)s, 'UTF8'), 'hex'))"
                " IN lower(row_to_json(t)::text)) > 0)",
                {"text": text},
            )[0][0]
        }


def filled(bin_: Bin, workspace: WorkspaceUnderTest, run_jobs: JobRuns) -> tuple[str, str]:
    """Return a contact with all that there can be of one, and what is merged into it."""
    bin_.json("POST", "/custom-fields", json=SIZE)
    bin_.contacts.upload(vcard("FN:Zelda Quux", "UID:urn:x:zelda"))
    (found,) = bin_.contacts.all()
    one = str(found["id"])
    bin_.contacts.patch(found, ZELDA)
    copy = bin_.contacts.create({**ZELDA, "uid": "urn:x:copy", "title": "Quuxchief"})["id"]
    third = bin_.contacts.create({**ZELDA, "uid": "urn:x:third"})["id"]
    bo = bin_.contacts.create(BO)["id"]
    for contact_id, colour in ((one, (200, 30, 30)), (copy, (30, 30, 200))):
        file = picture(colour=colour)
        bin_.json("PUT", f"/{contact_id}/photo", data=file, content_type="image/jpeg")
    bin_.json("POST", f"/{one}/notes", json={"text": "Quuxnote"})
    bin_.json("POST", f"/{one}/relationships", json={"target_id": bo, "type": "friend"})
    granted = {"state": "granted", "how": "Quuxform"}
    bin_.json("PUT", f"/{one}/consents/email", json=granted, headers={"If-Match": "*"})
    friends = bin_.json("POST", "/lists", json={"name": "Friends"})["id"]
    for contact_id in (one, copy):
        added = bin_.send("POST", f"/lists/{friends}/members", json={"contact_ids": [contact_id]})
        assert added.status_code < 300, added.text
    run_jobs()
    bin_.json("POST", f"/{one}/merge", json={"merged_ids": [copy]})
    run_jobs()
    assert {item["id"] for item in bin_.contacts.all()} == {one, third, bo}
    bin_.delete(third)
    photo = f"PHOTO;ENCODING=b;TYPE=JPEG:{b64encode(picture()).decode()}"
    card = vcard("FN:Zelda Quux", "UID:urn:x:zelda", "NICKNAME:Quuxy", photo)
    run_to_its_end(workspace, bin_.contacts.send(card)["id"])
    with workspace.acting_as("crm_contacts"):
        tag = service(Tags).list().items[0].id
        service(BulkEdits).start(Edits(add_tags=(tag,)), contact_ids=(UUID(one), UUID(bo)))
    return one, str(copy)


@pytest.mark.inside
def test_nothing_is_left_but_that_it_is_gone(
    bin_: Bin, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """No table has a row that names it or what was merged into it, nor a word of theirs."""
    one, copy = filled(bin_, workspace, run_jobs)
    with_contact = {table.name for table in tables() if "contact_id" in table.columns}
    before = naming(workspace, one) | naming(workspace, copy)
    assert with_contact - before <= {"dry_contact", "dry_key", "import_kept"}
    beside = {"bulk_edit", "contact_merge", "contact_note", "duplicate_pair", "relationship"}
    assert beside <= before
    bin_.delete(one)
    (third,) = bin_.deleted_ids() - {one, copy}
    for contact_id in (one, third):
        assert bin_.purge(contact_id).status_code == 204
    left = {"contact", *OF_IMPORTS}
    assert naming(workspace, one) | naming(workspace, copy) <= left
    run_jobs(at=LATER)
    assert naming(workspace, one) | naming(workspace, copy) <= left
    assert naming(workspace, "quux") <= OF_IMPORTS
    assert naming(workspace, "Bo Ek") >= {"contact"}
    assert naming(workspace, "bo@ek") >= {"email", "word"}
    assert bin_.names(deleted=False) == ["Bo Ek"]
    assert bin_.names(deleted=True) == []


def test_it_is_gone_for_who_reads_and_for_who_would_have_it_back(
    bin_: Bin, published_events: PublishedEvents
) -> None:
    """It is found nowhere, it cannot be restored, and the feed goes on saying that it is gone."""
    one = bin_.contacts.create(ZELDA | {"custom": {}})["id"]
    token = bin_.json("GET", "/changes")["next"]
    bin_.delete(one)
    assert bin_.purge(one).status_code == 204
    assert bin_.names(deleted=True) == []
    asked = (("GET", ""), ("GET", "/history"), ("POST", "/restore"), ("POST", "/purge"))
    for method, path in asked:
        assert bin_.send(method, f"/{one}{path}").status_code == 404, path
    (told,) = bin_.json("GET", "/changes", query_string={"since": token})["items"]
    assert (told["id"], told["deleted"]) == (one, True)
    assert published_events(ContactErased) == [ContactErased(contact_id=UUID(one))]


def test_what_is_not_deleted_is_not_purged(bin_: Bin) -> None:
    """Nor what is merged into another contact, whose way leads on; nor what there is not."""
    there, taken = (str(bin_.contacts.create(BO)["id"]) for _ in range(2))
    assert bin_.refused(there) == (409, "contact-not-deleted")
    bin_.json("POST", f"/{there}/merge", json={"merged_ids": [taken]})
    assert bin_.refused(taken) == (409, "contact-not-deleted")
    assert bin_.refused(UNKNOWN) == (404, "contact-not-found")
    assert bin_.send("GET", f"/{taken}").status_code == 301
    assert bin_.json("POST", f"/{taken}/unmerge")["contact"]["name"]["full"] == "Bo Ek"


def test_the_same_card_comes_in_again(bin_: Bin) -> None:
    """Nobody is suppressed: who is purged and comes in again is a new contact."""
    card = vcard("FN:Zelda Quux", "UID:urn:x:zelda", "EMAIL:zelda@quux.example")
    bin_.contacts.upload(card)
    (first,) = bin_.contacts.all()
    bin_.delete(first["id"])
    assert bin_.purge(first["id"]).status_code == 204
    again = bin_.contacts.upload(card)
    assert again["counts"]["created"] == 1
    (second,) = bin_.contacts.all()
    assert second["id"] != first["id"]
    assert second["uid"] == "urn:x:zelda"


def test_what_is_merged_into_it_goes_with_it(bin_: Bin, published_events: PublishedEvents) -> None:
    """Whose way led to a contact that is purged is not left behind, where nobody finds it."""
    target, source, first = (str(bin_.contacts.create(BO)["id"]) for _ in range(3))
    bin_.json("POST", f"/{source}/merge", json={"merged_ids": [first]})
    bin_.json("POST", f"/{target}/merge", json={"merged_ids": [source]})
    bin_.delete(target)
    assert bin_.purge(target).status_code == 204
    for contact_id in (target, source, first):
        for action in ("unmerge", "restore", "purge"):
            assert bin_.send("POST", f"/{contact_id}/{action}").status_code == 404, action
    erased = published_events(ContactErased)
    expected = [ContactErased(contact_id=UUID(found)) for found in (target, source, first)]
    assert sorted(map(repr, erased)) == sorted(map(repr, expected))


def test_who_was_unmerged_before_stays(bin_: Bin) -> None:
    """A contact of its own again is not what it was merged into."""
    target, source = (str(bin_.contacts.create(BO)["id"]) for _ in range(2))
    bin_.json("POST", f"/{target}/merge", json={"merged_ids": [source]})
    bin_.delete(target)
    bin_.json("POST", f"/{source}/unmerge")
    assert bin_.purge(target).status_code == 204
    assert [item["id"] for item in bin_.contacts.all()] == [source]


def test_an_import_whose_contact_was_purged_is_undone(bin_: Bin) -> None:
    """The others go, and what is purged stays purged; its row is told of as before."""
    found = bin_.contacts.upload(
        "".join(vcard(f"FN:Person {number}", f"UID:u{number}") for number in range(3))
    )
    first = bin_.contacts.all()[0]["id"]
    bin_.delete(first)
    assert bin_.purge(first).status_code == 204
    path = f"{IMPORTS}/{found['id']}"
    client, headers = bin_.contacts.client, bin_.contacts.headers
    assert client.post(f"{path}/undo", headers=headers).status_code == 202
    bin_.contacts.run_jobs()
    done = client.get(f"{path}/undo", headers=headers).json or {}
    assert (done["deleted"], done["kept"], done["completed_at"] is None) == (2, 0, False)
    assert bin_.names(deleted=False) == []
    assert len(list(bin_.contacts.rows(found["id"]))) == 3
    again = bin_.contacts.upload(vcard("FN:Person 0", "UID:u0"))
    assert again["counts"]["created"] == 1


@pytest.mark.inside
@pytest.mark.parametrize("first", ["restore", "purge"])
def test_of_restoring_and_purging_one_wins(
    bin_: Bin, workspace: WorkspaceUnderTest, first: str
) -> None:
    """Whoever comes second finds the contact as the first has left it."""
    one = UUID(bin_.deleted(BO))
    works: dict[str, Callable[[], object]] = {
        "restore": lambda: service(Contacts).restore(one),
        "purge": lambda: service(Purges).purge(one),
    }
    (second,) = works.keys() - {first}
    refusal = ContactNotDeleted if second == "purge" else ContactNotFound

    def other() -> None:
        with workspace.acting_as("crm_contacts"):
            works[second]()

    with workspace.acting_as("crm_contacts"):
        works[first]()
        done = begun(other)
    with pytest.raises(refusal):
        done.result()
    assert bin_.names(deleted=False) == (["Bo Ek"] if first == "restore" else [])
    assert bin_.names(deleted=True) == []


def tell(contact_id: UUID) -> None:
    """Let something have happened with a contact."""
    happening = Happening(
        id=uuid4(), at=NIGHT, actor_id=None, plugin="qr", contact_ids=(contact_id,), details=()
    )
    service(Timelines).record("card_exchanged", (happening,))


@pytest.mark.inside
@pytest.mark.parametrize("purge_first", [False, True])
def test_what_happens_meanwhile_is_not_kept(
    bin_: Bin, workspace: WorkspaceUnderTest, *, purge_first: bool
) -> None:
    """A deleted contact has a timeline as long as it may come back: and not behind its end."""
    one = UUID(bin_.deleted(BO))
    works: list[Callable[[], object]] = [lambda: service(Purges).purge(one), lambda: tell(one)]
    first, second = works if purge_first else works[::-1]

    def other() -> None:
        with workspace.acting_as("crm_contacts"):
            second()

    with workspace.acting_as("crm_contacts"):
        first()
        done = begun(other)
    done.result()
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT count(*) FROM crm_contacts.timeline_entry") == [(0,)]


@pytest.mark.inside
def test_nobody_waits_who_writes_other_contacts(bin_: Bin, workspace: WorkspaceUnderTest) -> None:
    """While a purge is at work contacts come in and change, of the same words, too."""
    one = UUID(bin_.deleted(BO))
    other = bin_.contacts.create(BO)

    def write() -> None:
        bin_.contacts.create(BO)
        bin_.contacts.patch(other, {"title": "Ek"})
        with workspace.acting_as("crm_contacts"):
            card = vcard("FN:Bo Ek", "UID:u1").encode()
            service(Contacts).import_cards((SourceCard(index=0, line=1, content=card),))

    with workspace.acting_as("crm_contacts"):
        service(Purges).purge(one)
        done = begun(write)
        assert done.done()
    done.result()


@pytest.mark.inside
def test_words_go_at_night_unless_others_have_them(
    bin_: Bin, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """Whoever writes a word while it is looked for has it afterwards."""
    from crm_contacts.repository import unused_words

    one = bin_.deleted({"name": {"full": "Zelda Quux"}})
    bin_.deleted({"name": {"full": "Ada Quux"}})
    assert bin_.purge(one).status_code == 204
    with workspace.acting_as("crm_contacts"):
        assert unused_words.find(10) == ["zelda"]
        bin_.contacts.create({"name": {"full": "Zelda Lind"}})
        assert unused_words.delete(["zelda"]) == 0
    (zelda,) = bin_.contacts.page(q="zelda")["items"]
    bin_.delete(zelda["id"])
    assert bin_.purge(zelda["id"]).status_code == 204
    run_jobs(at=LATER)
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT word FROM crm_contacts.word ORDER BY 1") == [("ada",), ("quux",)]


def age(workspace: WorkspaceUnderTest, contact_id: str, days: int) -> None:
    """Let a contact have been deleted some days ago."""
    with workspace.acting_as("crm_contacts"):
        execute(
            "UPDATE crm_contacts.contact SET deleted_at = now() - make_interval(days => %(days)s)"
            " WHERE id = %(id)s",
            {"id": UUID(contact_id), "days": days},
        )


@pytest.mark.inside
def test_a_setting_purges_what_was_deleted_long_ago(
    bin_: Bin,
    workspace: WorkspaceUnderTest,
    run_jobs: JobRuns,
    plugin_host: Host,
    monkeypatch: pytest.MonkeyPatch,
    event_log: EventLog,
) -> None:
    """Each night, and never unless it is set; what is merged into a contact that is there stays."""
    old, young = bin_.deleted(BO), bin_.deleted(BO)
    there, taken = (str(bin_.contacts.create(BO)["id"]) for _ in range(2))
    bin_.json("POST", f"/{there}/merge", json={"merged_ids": [taken]})
    for contact_id, days in ((old, 31), (young, 29), (taken, 31)):
        age(workspace, contact_id, days)
    run_jobs(at=NIGHT)
    assert len(bin_.names(deleted=True)) == 3
    settings = plugin_host.plugins.contributions["crm_contacts"].settings
    monkeypatch.setitem(settings, "purge_deleted_after_days", 30)
    for _ in range(2):
        run_jobs(at=NIGHT)
        assert bin_.deleted_ids() == {young, taken}
    events = event_log.contact_events()
    assert [found for kind, found, _ in events if kind == "contact.erased.v1"] == [old]


@pytest.mark.inside
def test_many_are_purged_in_steps(bin_: Bin, workspace: WorkspaceUnderTest) -> None:
    """Each step is short, and the next one goes on where it has stopped."""
    bin_.contacts.upload("".join(vcard(f"FN:Person {number}") for number in range(205)))
    with workspace.acting_as("crm_contacts"):
        for item in service(Contacts).list(limit=200).items:
            service(Contacts).delete(item.id)
    steps = list[PurgeStep]()
    while not steps or steps[-1].more:
        with workspace.acting_as("crm_contacts"):
            before = service(Purges).cutoff(0)
            steps.append(service(Purges).purge_before(before))
    assert [step.purged for step in steps] == [100, 100, 0]
    with workspace.acting_as("crm_contacts"):
        assert service(Purges).count(before) == 0
        assert service(Notes).list(UUID(bin_.contacts.all()[0]["id"])).items == ()


@pytest.mark.inside
@pytest.mark.usefixtures("one_chunk_a_step")
def test_a_dry_run_forgets_it(bin_: Bin, workspace: WorkspaceUnderTest) -> None:
    """What a trial of an import would have made of it is gone, too, and the trial begins anew."""
    one = bin_.contacts.create({"name": {"full": "Zelda Quux"}, "uid": "urn:x:zelda"})["id"]
    cards = [vcard("FN:Zelda Quux", "UID:urn:x:zelda", "TITLE:Quuxer")]
    cards += [vcard(f"FN:Person {number}") for number in range(600)]
    found = UUID(bin_.contacts.send("".join(cards))["id"])
    with workspace.acting_as("crm_contacts"):
        assert service(DryRuns).step(found).counts.updated == 1
    assert {"dry_contact", "dry_key"} <= naming(workspace, one)
    bin_.delete(one)
    assert bin_.purge(one).status_code == 204
    assert naming(workspace, one) == {"contact"}
    counts = None
    while counts is None:
        with workspace.acting_as("crm_contacts"):
            run = service(DryRuns).step(found)
        counts = run.counts if run.completed_at else None
    assert (counts.created, counts.updated) == (601, 0)


def test_pages_purge_what_is_deleted(
    signed_in: Browser, bin_: Bin, contacts: ContactsClient
) -> None:
    """Among deleted contacts each can be brought back or deleted for good, which asks first."""
    one, other = (bin_.deleted({"name": {"full": name}}) for name in ("Anna <Ek>", "Bo"))
    there, taken = (contacts.create({"name": {"full": "Cy"}})["id"] for _ in range(2))
    bin_.json("POST", f"/{there}/merge", json={"merged_ids": [taken]})
    deleted = "/contacts?filter%5Bdeleted%5D%5Beq%5D=true"
    page = signed_in.get(deleted)
    assert "Delete Anna &lt;Ek&gt; for good? Nothing brings this contact back." in page.text
    for contact_id in (one, other):
        assert f'action="/contacts/{contact_id}/purge"' in page.text
        assert f'action="/contacts/{contact_id}/restore"' in page.text
        assert f'href="/contacts/{contact_id}"' not in page.text
    assert f'action="/contacts/{taken}/purge"' not in page.text
    assert f'href="/contacts/{taken}"' in page.text
    assert "/purge" not in signed_in.get("/contacts").text
    path = f"/contacts/{one}/purge"
    gone = signed_in.client.post(path, data={"csrf_token": token_on(page)})
    assert (gone.status_code, gone.location) == (303, deleted)
    shown = signed_in.get(deleted).text
    assert "Contact deleted for good" in shown
    assert "Anna" not in shown
    assert signed_in.client.post(path).status_code == 403
    assert signed_in.get(path).status_code == 405
    assert contacts.client.get(f"{CONTACTS}/{there}", headers=contacts.headers).status_code == 200
