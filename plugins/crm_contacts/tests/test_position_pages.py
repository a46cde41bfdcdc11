"""The job history on the page of a contact: read, added to, changed and taken from."""

from __future__ import annotations

import re

from meishi.testing.browsing import Browser

from .conftest import ContactsClient
from .test_positions import ANNA, ARCHITECT, INTERN

NASTY = "<script>alert('x')</script>"


def test_jobs_are_shown_added_and_removed(signed_in: Browser, contacts: ContactsClient) -> None:
    """What is typed is a job of the contact; nothing that somebody wrote is code."""
    anna = contacts.create(ANNA)["id"]
    page, form = f"/contacts/{anna}", f"/contacts/{anna}/positions"
    assert "No jobs are noted yet." in signed_in.get(page).text
    typed = {"organisation": "Ek AB", "title": NASTY, "units": "Design\r\n\r\nStudio",
             "start_date": "2019-03", "current": "true", "version": "1"}  # fmt: skip
    sent = signed_in.send(form, typed)
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    shown = signed_in.get(page).text
    assert "Job added" in shown
    assert NASTY not in shown
    assert "since 2019-03" in shown
    assert "current job" in shown
    [job] = contacts.get(anna)["positions"]
    assert (job["units"], job["current"]) == (["Design", "Studio"], True)
    assert contacts.get(anna)["organisation"] == "Ek AB"
    ended = {**typed, "title": "Intern", "place": "0", "end_date": "2020", "version": "2"}
    del ended["current"]
    assert 'value="2019-03"' in signed_in.get(f"{form}?place=0").text
    assert signed_in.send(form, ended).status_code == 303
    assert "2019-03 to 2020" in signed_in.get(page).text
    assert contacts.get(anna)["organisation"] is None
    gone = signed_in.send(f"{form}/delete", {"place": "0", "version": "3"}, page=page)
    assert gone.status_code == 303
    assert contacts.get(anna)["positions"] == []


def test_a_job_that_follows_ends_the_current_one(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """The former job stays in the history, with its end."""
    anna = contacts.create({**ANNA, "organisation": "Ek AB", "title": "Intern"})["id"]
    form = f"/contacts/{anna}/positions"
    assert "It follows the current job (Intern, Ek AB)" in signed_in.get(form).text
    typed = {"organisation": "Berg", "start_date": "2024", "current": "true", "follows": "true",
             "version": "1"}  # fmt: skip
    assert signed_in.send(form, typed).status_code == 303
    read = contacts.get(anna)
    assert read["organisation"] == "Berg"
    assert [(item["organisation"], item["end_date"]) for item in read["positions"]] == [
        ("Berg", None), ("Ek AB", "2024"),
    ]  # fmt: skip


def test_what_cannot_be_stored_is_shown_again(signed_in: Browser, contacts: ContactsClient) -> None:
    """Nothing that was typed is lost, and what is wrong is said; nor is an old page obeyed."""
    anna = contacts.create({**ANNA, "positions": [ARCHITECT, INTERN]})["id"]
    form = f"/contacts/{anna}/positions"
    typed = {"title": "Boss", "start_date": "soon", "version": "1", "place": "1"}
    refused = signed_in.send(form, typed)
    assert refused.status_code == 422
    assert "2019-03-01." in refused.text
    assert re.search(r'name="start_date" value="soon"', refused.text)
    overtaken = signed_in.send(form, {**typed, "start_date": "2019", "version": "7"})
    assert overtaken.status_code == 412
    assert 'value="Boss"' in overtaken.text
    signed_in.send(f"{form}/delete", {"place": "1", "version": "7"}, page=f"/contacts/{anna}")
    assert contacts.get(anna)["positions"] == [ARCHITECT, INTERN]
    for place in ("9", "-1", "x", "9" * 30):
        assert signed_in.get(f"{form}?place={place}").status_code == 200
