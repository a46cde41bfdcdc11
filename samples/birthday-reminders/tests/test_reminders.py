"""Birthdays of contacts: listed, shown, reminded of, and each workspace for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from birthday_reminders.contract import BirthdayDue, Birthdays
from flask.testing import FlaskClient

from meishi.sdk.context import service
from meishi.testing.types import (
    Browser,
    EventDeliveries,
    JobRuns,
    PublishedEvents,
    WorkspaceUnderTest,
)

CONTACTS, BIRTHDAYS = "/api/v1/contacts", "/api/v1/birthdays"


def make(client: FlaskClient, workspace: WorkspaceUnderTest, **fields: Any) -> str:
    """Make a contact, and return its id."""
    draft = {"name": {"full": "Ada Byron"}, **fields}
    made = client.post(CONTACTS, json=draft, headers=workspace.headers)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def day_in(days: int) -> str:
    """Return a birthday that is so many days away."""
    return f"--{datetime.now(UTC) + timedelta(days=days):%m%d}"


def test_pages_follow_the_year(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
) -> None:
    """In the order of month and day, without gap and overlap; elsewhere nothing is seen."""
    deliver_events.register()
    for birthday in ("1815-12-10", "--0229", "1906-12-09", None):
        make(client, workspace, birthday=birthday)
    deliver_events()
    headers = workspace.headers
    first = client.get(f"{BIRTHDAYS}?limit=2&total=true", headers=headers).json
    rest = client.get(f"{BIRTHDAYS}?limit=2&after={first['next_after']}", headers=headers).json
    found = [(item["month"], item["day"]) for item in first["items"] + rest["items"]]
    assert found == [(2, 29), (12, 9), (12, 10)]
    assert (first["total"], rest["next_after"]) == (3, None)
    assert client.get(BIRTHDAYS, headers=other_workspace.headers).json["items"] == []


def test_merged_contacts_have_one_birthday(
    client: FlaskClient, workspace: WorkspaceUnderTest, deliver_events: EventDeliveries
) -> None:
    """That of the contact that stays."""
    deliver_events.register()
    kept, merged = (make(client, workspace, birthday="1815-12-10") for _ in range(2))
    deliver_events()
    path = f"{CONTACTS}/{kept}/merge"
    done = client.post(path, json={"merged_ids": [merged]}, headers=workspace.headers)
    assert done.status_code == 200, done.text
    deliver_events()
    found = client.get(BIRTHDAYS, headers=workspace.headers).json["items"]
    assert [item["contact_id"] for item in found] == [kept]


def test_each_birthday_is_told_of_once(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
    run_jobs: JobRuns,
    published_events: PublishedEvents,
) -> None:
    """On the first morning on which it is near, however many mornings follow."""
    deliver_events.register()
    make(client, workspace, birthday=day_in(2))
    make(client, workspace, birthday=day_in(40))
    deliver_events()
    for _ in range(2):
        with workspace.acting_as("birthday_reminders"):
            service(Birthdays).remind()
    run_jobs(at=datetime(2026, 1, 5, 6, 0, tzinfo=UTC))
    assert [event.in_days for event in published_events(BirthdayDue)] == [2]


def test_the_page_of_a_contact_shows_the_next_birthday(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    signed_in: Browser,
    deliver_events: EventDeliveries,
) -> None:
    """As a panel, which is not there for who has none."""
    deliver_events.register()
    born, other = (make(client, workspace, birthday=day) for day in (day_in(5), None))
    deliver_events()
    panel = "?_panel=birthday_reminders.birthday"
    assert "in 5 days" in signed_in.get(f"/contacts/{born}{panel}").text
    assert signed_in.get(f"/contacts/{other}{panel}").text.strip() == ""
    assert "Next birthday" in signed_in.get(f"/contacts/{born}").text
