"""The first day of a deployment, as the people in front of the browsers have it."""

from __future__ import annotations

import re
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image
from tests.browser.people import PASSWORD, Console, Meet, Person
from tests.processes import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

pytestmark = [pytest.mark.once, pytest.mark.long]

#: A table whose columns nobody knows.
_TABLE = b"Who,Mailbox,Colour\nBo Lindqvist,bo@example.org,green\nEva Berg,eva@example.org,red\n"


def test_the_first_day(console: Console, person: Meet) -> None:
    """From the first start to an ended session: everything works, and keeps nobody out."""
    boss = _set_up(console, person)
    anna = _sign_up(console, person)
    eve = _invited(console, person, boss)
    contact = _contact(boss)
    _card(boss, contact)
    _token(console, boss)
    _history(boss, contact)
    _imported(boss)
    _job(boss, contact)
    _kept(boss, eve, contact)
    _with_a_face(boss)
    _session(boss, person)
    anna.open("/contacts")
    assert anna.page.url.endswith("/identity/workspaces")
    eve.open("/contacts")
    eve.see("Philippa Ashdown")


def _set_up(console: Console, person: Meet) -> Person:
    """Whoever started the server sets it up with the link that is printed."""
    boss = person("Boss")
    boss.open("/")
    boss.see("meishi init --link")
    boss.look("setup-without-link")
    boss.open(console.run("init", "--link").partition(console.url)[2] or _path(console))
    boss.look("setup")
    boss.fill(name="Boss", email=boss.email, password=PASSWORD, workspace="Acme", slug="acme")
    boss.press("Begin")
    boss.see("Print a code")
    boss.look("overview-empty")
    boss.open("/contacts")
    boss.see("No contacts yet")
    boss.look("contacts-empty")
    return boss


def _path(console: Console) -> str:
    return re.sub(r"^https?://[^/]+", "", console.run("init", "--link"))


def _sign_up(console: Console, person: Meet) -> Person:
    """Somebody opens an account, with nothing but a keyboard, and confirms the address."""
    anna = person("Anna")
    anna.open("/reset")
    anna.look("reset")
    anna.open("/sign-in")
    anna.look("sign-in")
    anna.open("/sign-up")
    anna.look("sign-up")
    anna.type("Anna", anna.email, PASSWORD)
    anna.see("Look into your mailbox")
    anna.look("mailbox")
    anna.open(console.link_to(anna.email))
    anna.look("verify")
    anna.fill(password=PASSWORD)
    anna.press("Confirm and sign in")
    anna.see("You are in no workspace")
    anna.look("workspaces-empty")
    return anna


def _invited(console: Console, person: Meet, boss: Person) -> Person:
    """The owner invites somebody, who joins in one step."""
    boss.open("/identity/members")
    boss.fill(email="eve@example.com")
    boss.press("Invite")
    boss.see("eve@example.com")
    eve = person("Eve")
    eve.open(console.link_to(eve.email))
    eve.look("invitation")
    eve.fill(name="Eve", password=PASSWORD)
    eve.press("Open an account and join")
    eve.open("/identity/members")
    eve.see("Boss")
    boss.open("/identity/members")
    boss.look("members")
    return eve


def _contact(boss: Person) -> str:
    """A contact is typed in, found while its name is typed, and shown; return its page."""
    boss.open("/contacts/new")
    boss.look("contact-new")
    boss.fill(full="Philippa Ashdown", organisation="Northgate Ceramics", note="Tenmoku 4")
    boss.page.locator('[name="email_address"]').first.fill("pip@northgate.example")
    boss.press("Save")
    boss.see("Philippa Ashdown was added")
    boss.look("contact")
    contact = str(boss.page.url)
    boss.open("/contacts")
    boss.page.fill("#contacts-q", "philpa")
    boss.page.wait_for_url("**q=philpa**")
    boss.see("Philippa Ashdown")
    boss.look("contacts")
    _narrowed(boss)
    boss.open(f"{contact.partition('?')[0]}/merge-with")
    boss.look("contact-merge-with")
    boss.open(f"{contact}/edit")
    boss.look("contact-edit")
    boss.open("/contacts/import")
    boss.look("import")
    return contact


def _narrowed(boss: Person) -> None:
    """What narrows a list goes on doing so, and whoever goes back sees a whole page."""
    boss.open("/contacts?filter[organisation][prefix]=north")
    for typed in ("philpa", "phil"):
        boss.page.fill("#contacts-q", typed)
        boss.page.wait_for_url(f"**q={typed}&**")
    boss.see("Organisation begins with north")
    assert "north" in boss.page.url
    boss.page.go_back()
    boss.page.locator('#contacts-q[value="philpa"]').wait_for()
    boss.look("contacts-narrowed")
    with boss.page.expect_navigation():
        boss.page.get_by_role("link", name="Without the filter").click()
    assert boss.page.url.endswith("/contacts?q=philpa")


def _card(boss: Person, contact: str) -> None:
    """The contact's page has a place for cards, where one is made, and opened by anybody."""
    boss.open(contact)
    with boss.page.expect_navigation():
        boss.page.get_by_role("link", name="Make a card").click()
    boss.look("card-new")
    boss.press("Make the card")
    boss.page.locator(".code-picture img").first.wait_for()
    boss.see("Look of the codes")
    boss.look("card")
    address = str(boss.page.url)
    public = str(boss.page.input_value("#page-url"))
    boss.open(public)
    boss.look("card-public")
    boss.open(address)
    boss.page.fill("#f-dark", "#cccccc")
    boss.press("Try this look")
    boss.see("Take what would pass")
    boss.look("card-pale")
    boss.open("/qr/new")
    boss.look("card-choose")
    boss.open("/qr")
    boss.look("cards")
    answer = httpx.get(public, timeout=PATIENCE)
    assert answer.status_code == 200
    assert "Philippa Ashdown" in answer.text


def _token(console: Console, boss: Person) -> None:
    """A token is made, and the web API is used with it."""
    boss.open("/identity/tokens/new")
    boss.look("token-new")
    boss.fill(name="script")
    boss.page.check('[value="contacts.read"]')
    boss.press("Make the token")
    secret = boss.page.input_value("#secret")
    boss.look("token")
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"{console.url}/api/v1", headers=headers, timeout=PATIENCE) as api:
        found = api.get("/contacts").json()["items"]
        assert [item["name"]["full"] for item in found] == ["Philippa Ashdown"]
        assert api.get("/qr/cards").status_code == 403
    boss.open("/identity/tokens")
    boss.look("tokens")


def _history(boss: Person, contact: str) -> None:
    """A field is changed and put back from the history; a photo and a consent are added."""
    boss.open(f"{contact}/edit")
    boss.fill(organisation="Northgate Glass")
    boss.press("Save")
    boss.open(f"{contact}/history")
    boss.see("Northgate Glass")
    boss.look("history")
    boss.page.on("dialog", lambda dialog: dialog.accept())
    with boss.page.expect_navigation():
        boss.page.get_by_role("button", name="Put back what changed: Organisation").click()
    boss.open(contact)
    boss.see("Northgate Ceramics")
    boss.page.get_by_text("Record a consent").click()
    boss.page.select_option("#consent-state", "granted")
    boss.press("Record")
    boss.page.get_by_text("Add a photo").click()
    boss.page.set_input_files("#contact-photo", _file("pip.png", "image/png", _picture()))
    boss.page.locator("#contact-photo + button").click()
    boss.page.get_by_alt_text("Photo of Philippa Ashdown").wait_for()
    # A panel that has nothing is gone once it has been asked for.
    boss.page.get_by_text("Came through a card").wait_for(state="hidden")
    boss.look("contact-known")
    boss.open(f"{contact}/timeline")
    boss.look("timeline")


def _picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(file, "PNG")
    return file.getvalue()


def _file(name: str, media_type: str, content: bytes) -> FilePayload:
    """Return a file as it is chosen in a form."""
    return {"name": name, "mimeType": media_type, "buffer": content}


def _job(boss: Person, contact: str) -> None:
    """A new job follows the current one, which has ended and is noted."""
    boss.open(f"{contact}/positions")
    boss.fill(organisation="Northgate Glass", title="Director", start_date="2026-03")
    boss.page.get_by_label("They have this job now").check()
    boss.page.get_by_label("It follows the current job").check()
    boss.look("position")
    boss.press("Save")
    boss.see("Job added")
    boss.see("since 2026-03")
    boss.look("contact-jobs")


def _kept(boss: Person, eve: Person, contact: str) -> None:
    """A contact is kept from everybody else, then shared with somebody who may read it."""
    section = boss.page.locator("section[aria-labelledby=sharing]")
    section.locator("summary").click()
    boss.page.select_option("#sharing-visibility", "private")
    boss.look("sharing")
    with boss.page.expect_navigation():
        section.get_by_role("button", name="Save").click()
    eve.open("/contacts")
    eve.see("No contacts yet")
    assert not eve.page.get_by_text("Philippa Ashdown").count()
    section.locator("summary").click()
    section.get_by_label("Eve", exact=True).select_option("read")
    with boss.page.expect_navigation():
        section.get_by_role("button", name="Save").click()
    eve.open(contact)
    eve.see("Philippa Ashdown")
    eve.look("contact-shared")


def _imported(boss: Person) -> None:
    """A table that nobody knows is mapped, tried, imported, and taken back."""
    boss.open("/contacts/import")
    boss.page.set_input_files("#import-file", _file("guests.csv", "text/csv", _TABLE))
    boss.press("Go on")
    boss.see("What its columns become")
    boss.page.select_option("#target-0", label="Full name")
    boss.page.select_option("#target-1", label="Email")
    boss.press("Show the contacts so")
    boss.see("Bo Lindqvist")
    boss.look("import-mapping")
    boss.press("Try it")
    boss.see("So it would be. No contact was written.")
    boss.look("import-tried")
    boss.press("Import")
    boss.see("The import is complete.")
    boss.look("import-done")
    boss.page.get_by_role("button", name="Undo", exact=True).click()
    boss.see("The import is undone.")
    boss.look("import-undone")


def _with_a_face(boss: Person) -> None:
    """A card brings a photo, which somebody sees."""
    photo = b64encode(_picture()).decode()
    card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Una Face\r\nPHOTO:data:image/png;base64,{photo}\r\n"
    boss.open("/contacts/import")
    file = _file("una.vcf", "text/vcard", f"{card}END:VCARD\r\n".encode())
    boss.page.set_input_files("#import-file", file)
    boss.press("Go on")
    boss.press("Import")
    boss.see("Photos taken")
    boss.page.get_by_text("Photos of the cards become").wait_for(state="hidden")
    boss.look("import-photos")
    boss.open("/contacts?q=una")
    boss.page.get_by_role("link", name="Una Face").click()
    boss.page.get_by_alt_text("Photo of Una Face").wait_for()


def _session(boss: Person, person: Meet) -> None:
    """A session, begun with nothing but a keyboard, is ended from here: it is signed out."""
    elsewhere = person("Boss")
    elsewhere.open("/sign-in")
    elsewhere.type(boss.email, PASSWORD)
    elsewhere.see("The last 30 days")
    elsewhere.look("overview")
    boss.open("/identity/sessions")
    boss.look("sessions")
    boss.page.get_by_role("button", name="End", exact=True).click()
    boss.see("The session has ended.")
    elsewhere.open("/contacts")
    assert "/sign-in?next=/contacts" in elsewhere.page.url
    for path in (
        "/identity/account", "/identity/account/password", "/identity/account/email",
        "/identity/workspaces", "/settings", "/settings/mine", "/audit", "/search",
        "/exports", "/imports", "/plugins", "/personal-data", "/api/docs",
    ):  # fmt: skip
        boss.open(path)
        boss.look(path.strip("/").replace("/", "-"), whole=path != "/api/docs")
    boss.open("/contacts/no-such-page")
    boss.look("not-found")
