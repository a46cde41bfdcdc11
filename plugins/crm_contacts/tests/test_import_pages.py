"""The steps of an import on pages: file, columns, trial, run; without any script."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

from crm_contacts.file_formats import FORMATS
from meishi.testing.browsing import Browser, token_on
from meishi.testing.jobs import JobRuns

from .conftest import ContactsClient, vcard

TABLE = (
    "Name,Work E-Mail,Score,Groups,<b>Odd</b>\r\n"
    "Ada,ada@x.example,7,\"vip,press\",x\r\nBob,bob@x.example,many,,y\r\n"
)  # fmt: skip


def uploaded(browser: Browser, content: str | bytes, name: str = "people.csv") -> str:
    """Upload a file, and return the path of its page."""
    body = content.encode() if isinstance(content, str) else content
    token = token_on(browser.get("/contacts/import"))
    sent = browser.client.post(
        "/contacts/import", data={"csrf_token": token, "file": (BytesIO(body), name)}
    )
    assert sent.status_code == 303, sent.text
    return str(sent.location)


def chosen(page: str) -> list[str]:
    """Return what is selected for each column."""
    selects = re.findall(r'<select[^>]*name="target">(.*?)</select>', page, re.DOTALL)
    found = [re.search(r'value="([^"]*)" selected', item) for item in selects]
    return [unescape(item[1]) if item else "" for item in found]


def send(browser: Browser, path: str, then: str, targets: list[str], **more: list[str]) -> None:
    """Send the form of the columns, with what is to be done then."""
    separators = [""] * len(targets)
    form = {"then": then, "target": targets, "separator": separators, "date_order": ""} | more
    assert browser.send(f"{path}/mapping", form, page=path).status_code == 303


def test_table_goes_from_its_columns_over_a_trial_to_contacts(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """What is proposed is selected; the trial says what comes, and the run does it."""
    field = {"key": "score", "title": "Score", "type": "number"}
    made = contacts.client.post(
        "/api/v1/contacts/custom-fields", json=field, headers=contacts.headers
    )
    assert made.status_code == 201
    path = uploaded(signed_in, TABLE)
    page = signed_in.get(path).text
    targets = chosen(page)
    assert targets == ["name", "email:work", "custom.score", "tags", "raw"]
    assert "<b>Odd" not in page
    assert "ada@x.example · bob@x.example" in page
    send(signed_in, path, "show", targets)
    assert "score: 7" in signed_in.get(path).text
    send(signed_in, path, "try", targets)
    trying = signed_in.get(path, headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 1s"' in trying
    run_jobs()
    tried = signed_in.get(path, headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in tried
    assert "No contact was written" in tried
    assert "Rows that would come in with values set aside" in tried
    assert "Score: A number, with a point before its decimals." in tried
    assert contacts.all() == []
    send(signed_in, path, "run", ["name", "email:work", "skip", "tags", "skip"])
    run_jobs()
    assert "The import is complete" in signed_in.get(path).text
    ada, bob = contacts.all()
    assert (ada["tags"], ada["custom"], ada["raw"]) == (["press", "vip"], {}, [])
    assert bob["emails"][0]["types"] == ["work"]


def test_values_that_were_set_aside_are_told(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """A row that came in without one of its values says so, and leads to its contact."""
    field = {"key": "score", "title": "Score", "type": "number"}
    made = contacts.client.post(
        "/api/v1/contacts/custom-fields", json=field, headers=contacts.headers
    )
    assert made.status_code == 201
    path = uploaded(signed_in, TABLE)
    send(signed_in, path, "run", ["name", "email:work", "custom.score", "tags", "skip"])
    run_jobs()
    page = signed_in.get(path).text
    assert "Rows that came in with values set aside" in page
    assert "Score: A number" in page
    (bob,) = (item for item in contacts.all() if item["name"]["full"] == "Bob")
    assert f'href="/contacts/{bob["id"]}"' in page


def test_form_that_is_sent_as_it_came_keeps_every_target(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """Also targets that no list offers: with labels, or in groups."""
    header = "Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Labels,Notes"
    row = "Ada,* Work,ada@x.example,Front desk,+44 20 7946 0018,* myContacts ::: vip,hm"
    path = uploaded(signed_in, f"{header}\r\n{row}\r\n")
    send(signed_in, path, "run", chosen(signed_in.get(path).text))
    run_jobs()
    (ada,) = contacts.all()
    assert [(item["address"], item["types"]) for item in ada["emails"]] == [
        ("ada@x.example", ["work"])
    ]
    assert [(item["number"], item["label"]) for item in ada["phones"]] == [
        ("+44 20 7946 0018", "Front desk")
    ]


def test_unknown_table_waits_for_its_columns(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """It is not imported before one of them names the contacts; then it is."""
    path = uploaded(signed_in, "Wer;Woher\r\nAda;Marylebone\r\n")
    page = signed_in.get(path).text
    assert "A table whose headings nobody knows" in page
    send(signed_in, path, "run", ["raw", "raw"])
    assert "One column must name the contact" in signed_in.get(path).text
    run_jobs()
    assert contacts.all() == []
    send(signed_in, path, "run", ["name", "address.locality"])
    run_jobs()
    assert contacts.all()[0]["addresses"][0]["locality"] == "Marylebone"


def test_first_row_is_a_contact_or_names_the_columns(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """The page says what was told of it, and people say it otherwise."""
    path = uploaded(signed_in, "Ada;ada@x.example\r\nBob;bob@x.example\r\n")
    page = signed_in.get(path).text
    assert "A table without a row of headings" in page
    assert chosen(page) == ["name", "email"]
    dialect = {"charset": "utf-8", "delimiter": ";"}
    signed_in.send(f"{path}/dialect", dialect | {"header": "yes"}, page=path)
    assert '<th scope="row">ada@x.example</th>' in signed_in.get(path).text
    signed_in.send(f"{path}/dialect", dialect | {"header": "no"}, page=path)
    send(signed_in, path, "run", ["name", "email"])
    run_jobs()
    assert [item["name"]["full"] for item in contacts.all()] == ["Ada", "Bob"]


def test_mapping_of_an_earlier_file_is_chosen_already(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """The page says so, and forgets it for who asks."""
    first = uploaded(signed_in, "Wer;Woher\r\nAda;Marylebone\r\n")
    send(signed_in, first, "run", ["name", "address.locality"])
    run_jobs()
    path = uploaded(signed_in, "Wer;Woher\r\nBob;Bonn\r\n")
    page = signed_in.get(path).text
    assert "has been imported before" in page
    assert chosen(page) == ["name", "address.locality"]
    assert signed_in.send(f"{path}/forget-mapping", {}, page=path).status_code == 303
    page = signed_in.get(path).text
    assert "has been imported before" not in page
    assert signed_in.send(f"{path}/forget-mapping", {}, page=path).status_code == 303
    cards = uploaded(signed_in, vcard("FN:Ada"), "ada.vcf")
    assert signed_in.send(f"{cards}/forget-mapping", {}, page=cards).status_code == 303


def test_order_of_dates_that_there_is_not_is_passed_over(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """The form offers no such order; who sends one is answered as if it was left open."""
    path = uploaded(signed_in, "Name;Mail\r\nAda;a@x.example\r\n")
    form = {"then": "run", "target": ["name", "email"], "separator": ["", ""], "date_order": "odd"}
    assert signed_in.send(f"{path}/mapping", form, page=path).status_code == 303
    run_jobs()
    assert [item["name"]["full"] for item in contacts.all()] == ["Ada"]


def test_wide_table_has_a_page_of_bounded_size(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """Columns behind the first ones are counted, and become what is proposed."""
    many = 1_000
    headings = ";".join(f"Odd {n}" for n in range(many))
    path = uploaded(signed_in, f"Name;{headings};Email\r\nAda;{';' * many}a@x.example\r\n")
    page = signed_in.get(path).text
    targets = chosen(page)
    assert len(targets) == 300
    assert f"proposed or was chosen: {many + 2 - len(targets)}" in page
    send(signed_in, path, "run", targets)
    run_jobs()
    (ada,) = contacts.all()
    assert (ada["name"]["full"], ada["emails"][0]["address"]) == ("Ada", "a@x.example")


def test_table_is_read_otherwise(signed_in: Browser) -> None:
    """Another charset shows other headings; one in which there is no header changes nothing."""
    path = uploaded(signed_in, "Jm\xe9no;Mail\r\nA;b\r\n".encode("iso-8859-2"))
    sent = signed_in.send(
        f"{path}/dialect", {"charset": "windows-1250", "delimiter": ";"}, page=path
    )
    assert sent.status_code == 303
    page = signed_in.get(path).text
    assert "Jméno" in page
    assert 'value="windows-1250" selected' in page
    signed_in.send(f"{path}/dialect", {"charset": "utf-8", "delimiter": "|"}, page=path)
    page = signed_in.get(path).text
    assert "no header" in page
    assert 'value="windows-1250" selected' in page


def test_cards_skip_the_columns_and_can_be_tried(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """The first of them are shown as they will be."""
    path = uploaded(signed_in, vcard("FN:Ada", "ORG:Analytical Engines"), "ada.vcf")
    page = signed_in.get(path).text
    assert 'name="target"' not in page
    assert "Analytical Engines" in page
    assert signed_in.send(f"{path}/mapping", {"then": "try"}, page=path).status_code == 303
    run_jobs()
    assert "No contact was written" in signed_in.get(path).text
    assert signed_in.send(f"{path}/mapping", {"then": "run"}, page=path).status_code == 303
    run_jobs()
    assert [item["name"]["full"] for item in contacts.all()] == ["Ada"]


def test_import_is_undone_and_its_page_says_what_stays(
    signed_in: Browser, contacts: ContactsClient, run_jobs: JobRuns
) -> None:
    """A button undoes it; contacts that somebody changed are listed with their fields."""
    path = uploaded(signed_in, "Name,Email\r\nAda,a@x.example\r\nBob,b@x.example\r\n")
    assert f'action="{path}/undo"' not in signed_in.get(path).text
    signed_in.send(f"{path}/mapping", {"then": "run"}, page=path)
    run_jobs()
    assert f'action="{path}/undo"' in signed_in.get(path).text
    contacts.patch(contacts.all()[1], {"title": "Builder"})
    assert signed_in.send(f"{path}/undo", page=path).status_code == 303
    undoing = signed_in.get(path, headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 1s"' in undoing
    run_jobs()
    page = signed_in.get(path).text
    assert "The import is undone" in page
    assert f'action="{path}/undo"' not in page
    stays = page.partition("What stays")[2]
    assert re.findall(r"<td>(?:<a[^>]*>)?([^<]*)", stays)[:3] == ["Bob", "Title", "Changed since"]
    assert [item["name"]["full"] for item in contacts.all()] == ["Bob"]


def test_columns_that_became_no_field_are_named(signed_in: Browser, run_jobs: JobRuns) -> None:
    """The page of an import says what of a table it took nowhere; of many, how many."""
    path = uploaded(signed_in, "Name,Email,<i>Shoe,Pet\r\nAda,a@x.example,39,Cat\r\n")
    send(signed_in, path, "run", ["name", "email", "raw", "skip"])
    run_jobs()
    page = signed_in.get(path).text
    assert "kept as other properties: <strong>&lt;i&gt;Shoe</strong></p>" in page
    many = [f"Odd{number}" for number in range(60)]
    path = uploaded(signed_in, f"Name,Email,{','.join(many)}\r\nBob,{',1' * 60}\r\n")
    signed_in.send(f"{path}/mapping", {"then": "run"}, page=path)
    run_jobs()
    page = signed_in.get(path).text
    assert "<strong>Odd49</strong> and 10 more</p>" in page
    path = uploaded(signed_in, "Name,Email\r\nCy,c@x.example\r\n")
    signed_in.send(f"{path}/mapping", {"then": "run"}, page=path)
    run_jobs()
    assert "became no field" not in signed_in.get(path).text


def test_files_of_every_export_can_be_chosen(signed_in: Browser, contacts: ContactsClient) -> None:
    """The dialogue shows them, and JSON lines come in like cards."""
    contacts.create({"name": {"full": "Ada"}})
    page = signed_in.get("/contacts/import").text
    accepted = re.search(r'type="file"[^>]* accept="([^"]*)"', page)
    assert accepted is not None
    assert {item.suffix for item in FORMATS} <= set(accepted[1].split(","))
    with contacts.client.get(
        "/api/v1/exports/contacts-ndjson", headers=contacts.headers, buffered=True
    ) as answer:
        path = uploaded(signed_in, answer.data, "contacts.ndjson")
    assert contacts.run(path.rpartition("/")[2])["counts"]["unchanged"] == 1
