"""Photos that imports brought: undone with them, merged, kept from others, and erased."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import (
    Imports,
    ImportUndos,
    PhotoChanged,
    PhotoIntake,
    PhotoIntakes,
    Photos,
)
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host, Location

from .albums import Album, photo_line, portrait
from .beside import begun
from .colleagues import Colleagues
from .conftest import OPERATIONS, ContactsClient, vcard
from .pictures import BLUE, picture
from .test_import_undos import ask, kept, undo

SMALL = (40, 30)
RED_ONE, BLUE_ONE = picture(size=SMALL), picture(size=SMALL, colour=BLUE)
#: What is kept of photos, in the tables of the service.
_LEFT = """
    SELECT (SELECT count(*) FROM crm_contacts.contact_photo),
        (SELECT count(*) FROM crm_contacts.import_photo)
"""


@pytest.fixture
def album(contacts: ContactsClient) -> Album:
    """The photos of the workspace."""
    return Album(contacts)


@pytest.fixture
def waiting(contacts: ContactsClient, workspace: WorkspaceUnderTest) -> Callable[[str], UUID]:
    """Imports a file, whose photos wait for somebody to take them."""

    def run(book: str) -> UUID:
        import_id = UUID(contacts.send(book)["id"])
        contacts.register()
        with workspace.acting_as("crm_contacts"):
            service(Imports).run(import_id)
        return import_id

    return run


def test_an_undo_takes_back_the_photos_that_came_with_it(
    contacts: ContactsClient, album: Album, published_events: PublishedEvents
) -> None:
    """With the contacts, or from them; what somebody brought since stays."""
    known, changed = (album.person(name, uid=name) for name in ("Known", "Changed"))
    names = ("Known", "Changed", "New", "Touched", "Portrayed")
    found = contacts.upload("".join(portrait(name, RED_ONE) for name in names))["id"]
    ids = album.ids()
    album.put(changed, picture(colour=BLUE))
    album.put(ids["Portrayed"], picture(colour=BLUE))
    contacts.patch({"id": ids["Touched"]}, {"title": "Chair"})
    done = undo(contacts, found)
    assert [done[name] for name in ("deleted", "reverted", "kept")] == [1, 2, 2]
    assert kept(contacts, found) == {
        "Touched": ("changed", ["title"]), "Portrayed": ("changed", ["photo"]),
    }  # fmt: skip
    assert album.colours() == {
        "Known": "none", "Changed": "blue", "Touched": "red", "Portrayed": "blue",
    }  # fmt: skip
    assert contacts.get(known)["raw"] == []
    told = [event for event in published_events() if isinstance(event, PhotoChanged)]
    assert str(told[-1].contact_id) == known
    album.send("POST", f"/{ids['New']}/restore")
    assert album.colour(ids["New"]) == "red"


def test_undone_photos_give_way_to_those_that_they_had_replaced(
    contacts: ContactsClient, album: Album
) -> None:
    """Import by import, unless somebody has decided since."""
    colours = {"red": RED_ONE, "blue": BLUE_ONE, "other": picture(size=(20, 20))}
    imports = [
        contacts.upload(portrait("Anna", photo) + portrait("Bo", photo))["id"]
        for photo in colours.values()
    ]
    anna, bo = (album.ids()[name] for name in ("Anna", "Bo"))
    album.send("DELETE", f"/{bo}/photo")
    sizes = []
    for import_id in reversed(imports[1:]):
        undo(contacts, import_id)
        sizes.append(album.colour(anna))
        assert album.colour(bo) == "none"
    assert sizes == ["blue", "red"]
    assert album.counts(imports[0]) == {"found": 2, "taken": 2}
    assert contacts.get(anna)["raw"][0]["value"] in photo_line(RED_ONE)
    assert undo(contacts, imports[0])["deleted"] == 2


def test_an_earlier_import_that_is_undone_gives_nothing_back(
    contacts: ContactsClient, album: Album
) -> None:
    """Of two that are undone from the first to the last, no photo stays."""
    anna = album.person("Anna", uid="Anna")
    first = contacts.upload(portrait("Anna", RED_ONE))["id"]
    second = contacts.upload(portrait("Anna", BLUE_ONE))["id"]
    undo(contacts, first)
    assert album.colour(anna) == "blue"
    undo(contacts, second)
    assert album.colour(anna) == "none"


def test_the_later_import_counts_whichever_job_comes_first(
    contacts: ContactsClient,
    album: Album,
    workspace: WorkspaceUnderTest,
    waiting: Callable[[str], UUID],
) -> None:
    """What would have been before is there again when that is undone."""
    anna = album.person("Anna", uid="Anna")
    first, second = (waiting(portrait("Anna", photo)) for photo in (RED_ONE, BLUE_ONE))
    for import_id in (second, first):
        with workspace.acting_as("crm_contacts"):
            assert service(PhotoIntakes).step(import_id).taken == 1
    assert album.colour(anna) == "blue"
    undo(contacts, str(second))
    assert album.colour(anna) == "red"


def test_photos_that_wait_when_an_import_is_undone_are_not_taken(
    contacts: ContactsClient,
    album: Album,
    workspace: WorkspaceUnderTest,
    waiting: Callable[[str], UUID],
) -> None:
    """Nor does anybody have to ask for that."""
    album.person("Anna", uid="Anna")
    import_id = waiting(portrait("Anna", RED_ONE))
    ask(contacts, str(import_id))
    with workspace.acting_as("crm_contacts"):
        found = service(PhotoIntakes).step(import_id)
    assert (found.kept, found.waiting) == (1, 0)
    contacts.run_jobs()
    assert album.colours() == {"Anna": "none"}
    answer = album.send("POST", f"/imports/{import_id}/photos")
    assert (answer.status_code, (answer.json or {})["type"]) == (
        409, "urn:meishi:problem:import-undone",
    )  # fmt: skip


def test_who_decides_about_a_photo_while_one_of_a_card_waits_gets_no_other(
    contacts: ContactsClient,
    album: Album,
    workspace: WorkspaceUnderTest,
    waiting: Callable[[str], UUID],
) -> None:
    """What they took away stays away, and nothing of it waits."""
    import_id = waiting("".join(portrait(name, RED_ONE) for name in ("Anna", "Bo", "Cy")))
    ids = album.ids()
    album.put(ids["Anna"], BLUE_ONE)
    album.put(ids["Bo"], BLUE_ONE)
    assert album.send("DELETE", f"/{ids['Bo']}/photo").status_code == 204
    assert album.counts(str(import_id)) == {"found": 3, "kept": 2, "waiting": 1}
    with workspace.acting_as("crm_contacts"):
        found = service(PhotoIntakes).step(import_id)
    assert (found.taken, found.kept, found.waiting) == (1, 2, 0)
    assert album.colours() == {"Anna": "blue", "Bo": "none", "Cy": "red"}


@pytest.mark.inside
def test_who_decides_while_their_photo_is_made_gets_no_other(
    album: Album, workspace: WorkspaceUnderTest, waiting: Callable[[str], UUID]
) -> None:
    """Whoever brings it in has waited for them, and looks again."""
    import_id = waiting(portrait("Anna", RED_ONE))
    anna = UUID(album.ids()["Anna"])

    def take() -> int:
        with workspace.acting_as("crm_contacts"):
            return service(PhotoIntakes).step(import_id).taken

    with workspace.acting_as("crm_contacts"):
        service(Photos).put(anna, BLUE_ONE)
        service(Photos).delete(anna)
        taking = begun(take)
        assert not taking.done()
    assert (taking.result(), album.colours()) == (0, {"Anna": "none"})


@pytest.mark.inside
def test_an_undo_that_comes_in_between_keeps_photos_away(
    album: Album, workspace: WorkspaceUnderTest, waiting: Callable[[str], UUID]
) -> None:
    """A photo is made while nobody waits; whoever brings it in looks again whether it may."""
    anna = album.person("Anna", uid="Anna")
    import_id = waiting(portrait("Anna", RED_ONE))

    def take() -> int:
        with workspace.acting_as("crm_contacts"):
            return service(PhotoIntakes).step(import_id).taken

    with workspace.acting_as("crm_contacts"):
        service(ImportUndos).begin(import_id)
        taking = begun(take)
        assert not taking.done()
    assert (taking.result(), album.colour(anna)) == (0, "none")


@pytest.mark.inside
def test_steps_at_once_take_each_photo_once(
    album: Album,
    workspace: WorkspaceUnderTest,
    waiting: Callable[[str], UUID],
    published_events: PublishedEvents,
) -> None:
    """The second one finds what the first has left."""
    import_id = waiting("".join(portrait(f"P{n}", RED_ONE) for n in range(25)))

    def take() -> None:
        with workspace.acting_as("crm_contacts"):
            service(PhotoIntakes).step(import_id)

    with workspace.acting_as("crm_contacts"):
        service(PhotoIntakes).step(import_id)
        taking = begun(take)
    taking.result()
    while album.intake(str(import_id))["waiting"]:
        take()
    assert album.counts(str(import_id)) == {"found": 25, "taken": 25}
    told = [event.contact_id for event in published_events() if isinstance(event, PhotoChanged)]
    assert len(told) == len({*told}) == 25


@pytest.mark.inside
def test_a_step_that_waits_for_the_import_leaves_what_that_brings(
    contacts: ContactsClient, album: Album, workspace: WorkspaceUnderTest
) -> None:
    """It had found nothing; the next one finds the rest."""
    import_id = UUID(contacts.send(portrait("Anna", RED_ONE) + portrait("Bo", BLUE_ONE))["id"])
    contacts.register()

    def take() -> PhotoIntake:
        with workspace.acting_as("crm_contacts"):
            return service(PhotoIntakes).step(import_id)

    with workspace.acting_as("crm_contacts"):
        service(Imports).run(import_id)
        taking = begun(take)
        assert not taking.done()
    assert taking.result().waiting == 2
    assert take().taken == 2
    assert album.colours() == {"Anna": "red", "Bo": "blue"}


@pytest.mark.inside
def test_a_step_that_fails_has_taken_nothing(
    album: Album, workspace: WorkspaceUnderTest, waiting: Callable[[str], UUID]
) -> None:
    """And the next one goes on with the same photos."""
    import_id = waiting("".join(portrait(f"P{n}", RED_ONE) for n in range(3)))

    def fail() -> None:
        with workspace.acting_as("crm_contacts"):
            assert service(PhotoIntakes).step(import_id).taken > 0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert album.counts(str(import_id)) == {"found": 3, "waiting": 3}
    assert {*album.colours().values()} == {"none"}
    album.contacts.run_jobs()
    assert album.counts(str(import_id)) == {"found": 3, "taken": 3}


def test_a_merge_takes_a_photo_of_an_import_along(contacts: ContactsClient, album: Album) -> None:
    """It goes back with the merge; meanwhile a later import may bring another one."""
    anna = album.person("Anna", uid="A")
    contacts.upload(portrait("Bo", RED_ONE))
    bo = album.ids()["Bo"]
    album.send("POST", f"/{anna}/merge", json={"merged_ids": [bo]})
    assert album.colour(anna) == "red"
    with album.send("GET", f"/{anna}/vcard") as answer:
        assert b"X-MEISHI-PHOTO" not in answer.data
    album.send("POST", f"/{bo}/unmerge")
    assert (album.colour(anna), album.colour(bo)) == ("none", "red")
    album.send("POST", f"/{anna}/merge", json={"merged_ids": [bo]})
    contacts.upload(vcard("FN:Anna", "UID:A", photo_line(BLUE_ONE)))
    assert album.colour(anna) == "blue"
    album.send("POST", f"/{bo}/unmerge")
    assert (album.colour(anna), album.colour(bo)) == ("blue", "red")


def test_private_contacts_get_no_photo_from_who_may_not_write_them(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    host: Host,
    plugin_host: Host,
    database: Location,
) -> None:
    """What became private since is left, and told as no more than a number."""
    services = [] if plugin_host is host else [plugin_host]
    people = Colleagues(client, workspace, host, database, *services)
    alice, bob = people.add("Alice"), people.add("Bob")
    names = ("Open", "Hidden", "Read")
    ids = {
        name: alice.contacts.create({"name": {"full": name}, "uid": name})["id"] for name in names
    }
    found = bob.contacts.send("".join(portrait(name, RED_ONE) for name in names))["id"]
    with bob.workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(found))
    waits = Album(bob.contacts).intake(found)["operation_id"]
    client.post(f"{OPERATIONS}/{waits}/cancel", headers=bob.workspace.headers)
    alice.share(ids["Hidden"])
    alice.share(ids["Read"], shared_with=[{"user_id": bob.user_id, "access": "read"}])
    bob.contacts.register()
    bob.json("POST", f"/imports/{found}/photos")
    bob.contacts.run_jobs()
    assert Album(bob.contacts).counts(found) == {"found": 3, "taken": 1, "kept": 2}
    assert Album(alice.contacts).colours() == {"Open": "red", "Hidden": "none", "Read": "none"}
    mine = alice.contacts.upload(portrait("Hidden", BLUE_ONE))["id"]
    assert Album(alice.contacts).counts(mine) == {"found": 1, "taken": 1}
    assert bob.send("GET", f"/{ids['Hidden']}/photo").status_code == 404


@pytest.mark.inside
def test_nothing_of_a_photo_is_left_of_whom_is_erased(
    album: Album, workspace: WorkspaceUnderTest, waiting: Callable[[str], UUID]
) -> None:
    """Whether it was taken or waits; the others of the import still get theirs."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    album.contacts.upload(portrait("Anna", RED_ONE))
    import_id = waiting(portrait("Bo", RED_ONE) + portrait("Cy", RED_ONE))
    ids = album.ids()
    gone = (UUID(ids["Anna"]), UUID(ids["Bo"]))
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=gone, emails=(), phones=()))
    with workspace.acting_as("crm_contacts"):
        assert execute(_LEFT) == [(0, 1)]
    with workspace.acting_as("crm_contacts"):
        assert service(PhotoIntakes).step(import_id).waiting == 0
    assert album.counts(str(import_id)) == {"found": 2, "taken": 1, "kept": 1}
    assert album.colours() == {"Cy": "red"}


@pytest.mark.inside
def test_who_is_erased_while_their_photo_is_made_has_none(
    album: Album, workspace: WorkspaceUnderTest, waiting: Callable[[str], UUID]
) -> None:
    """Nothing is left: whoever comes second waits for the contact."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    import_id = waiting(portrait("Anna", RED_ONE))
    anna = UUID(album.ids()["Anna"])

    def erase() -> None:
        with workspace.acting_as("crm_contacts"):
            people.erase(DataSubject(contact_ids=(anna,), emails=(), phones=()))

    with workspace.acting_as("crm_contacts"):
        assert service(PhotoIntakes).step(import_id).taken == 1
        erasing = begun(erase)
    erasing.result()
    with workspace.acting_as("crm_contacts"):
        assert execute(_LEFT) == [(0, 0)]


@pytest.mark.inside
@pytest.mark.parametrize("number", [2, 60])
def test_an_import_waits_for_photos_and_holds_nothing_meanwhile(
    contacts: ContactsClient, album: Album, workspace: WorkspaceUnderTest, number: int
) -> None:
    """Whatever the order of its cards is: photos are given to contacts in that of their ids."""
    names = [f"P{n}" for n in range(number)]
    contacts.upload("".join(portrait(name, None) for name in names))
    ids = album.ids()
    names.sort(key=lambda name: ids[name], reverse=True)
    book = "".join(portrait(name, None, "TITLE:Chair") for name in names)
    import_id = UUID(contacts.send(book)["id"])

    def bring_in() -> int:
        with workspace.acting_as("crm_contacts"):
            return service(Imports).run(import_id).counts.updated

    with workspace.acting_as("crm_contacts"):
        service(Photos).put(UUID(ids[names[-1]]), RED_ONE)
        bringing = begun(bring_in)
        service(Photos).put(UUID(ids[names[0]]), RED_ONE)
    assert bringing.result() == number
    assert album.colour(ids[names[0]]) == album.colour(ids[names[-1]]) == "red"
