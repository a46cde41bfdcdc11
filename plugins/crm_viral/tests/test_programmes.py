"""Programmes: what is promised, by the web API and on the page Growth, and what is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from crm_viral.service import people
from meishi.sdk.plugin import DataSubject
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Browser, Host

from .conftest import Json, Strangers, Viral


def test_what_is_promised_anew_is_another_version_of_the_rules(viral: Viral) -> None:
    """A name is no promise; a change is refused without the version, or with an older one."""
    programme = viral.programme()
    path = f"programmes/{programme['id']}"
    assert (programme["unit"], programme["budget"], programme["rule_version"]) == (
        "credit",
        None,
        1,
    )
    change(viral, path, {"name": "Others"}, status=428, match=None)
    named = change(viral, path, {"name": "Others"})
    assert (named["rule_version"], named["version"]) == (1, 2)
    promised = change(viral, path, {"referee_reward": 0, "budget": 10})
    assert (promised["rule_version"], promised["version"]) == (2, 3)
    change(viral, path, {"name": "x"}, status=412, match='"1"')
    assert viral.get(path) == promised
    assert change(viral, path, {"budget": 10})["version"] == 3


@pytest.mark.parametrize(
    "promise",
    [
        {"name": ""},
        {"referrer_reward": -1},
        {"referrer_reward": 1.5},
        {"person_cap": 10**13},
        {"window_days": 0},
        {"ends_at": "2025-01-01T00:00:00Z"},
        {"unit": "credit 2"},
        {"starts_at": "0001-01-01T00:00:00+10:00"},
    ],
)
def test_what_cannot_be_promised_is_refused(viral: Viral, promise: Json) -> None:
    """Each is named, and nothing is stored."""
    document = {"name": "Friends", "starts_at": "2026-01-01T00:00:00Z"} | promise
    viral.send("POST", "programmes", 422, json=document)
    assert viral.items("programmes") == []


def test_the_page_shows_the_programme_the_link_and_the_reasons(
    viral: Viral, strangers: Strangers, signed_in: Browser
) -> None:
    """From nothing, by a form and a button, to a sign-up that is explained."""
    assert "No programme yet" in signed_in.get("/viral").text
    wrong = signed_in.send("/viral/new", {"name": "Friends", "referrer_reward": "x"})
    assert wrong.status_code == 422
    form = {"name": "Fri<ends", "referrer_reward": "5", "referee_reward": "3", "unit": "EUR"}
    made = signed_in.send("/viral/new", form)
    assert made.status_code == 303
    page = signed_in.get(made.location)
    assert "Fri&lt;ends" in page.text
    joined = signed_in.send(f"/viral/{viral.items('programmes')[0]['id']}/join", page="/viral")
    assert joined.status_code == 303
    signed_in.send(f"/viral/{viral.items('programmes')[0]['id']}/join", page="/viral")
    (link,) = viral.items("links")
    strangers.sign_up(strangers.follow(link), user_ids=(UUID(int=7),))
    shown = signed_in.get("/viral").text
    assert link["url"] in shown
    assert "the last link that was followed before the sign-up" in shown
    assert "5 EUR" in shown
    assert signed_in.get("/viral?programme=nonsense").status_code == 404
    panel = signed_in.get("/analytics?_panel=crm_viral.growth")
    assert panel.status_code == 200
    assert "Fri&lt;ends" in panel.text


@pytest.mark.beside("qr")
def test_the_page_shows_the_link_as_a_code(viral: Viral, signed_in: Browser) -> None:
    """Beside the address."""
    path = f"/viral/links/{viral.link(viral.programme())['id']}/code.svg"
    assert path in signed_in.get("/viral").text
    assert signed_in.get(path).status_code == 200


def test_the_page_shows_what_happened_last(
    viral: Viral, strangers: Strangers, signed_in: Browser
) -> None:
    """The newest sign-up and the newest line of the ledger stand first, however many there are."""
    link = viral.link(viral.programme())
    strangers.sign_up(*[link["code"]] * 20)
    strangers.sign_up(strangers.follow(link))
    viral.send("POST", f"conversions/{viral.items('conversions')[0]['id']}/reversal")
    shown = signed_in.get("/viral").text
    assert shown.count("by a typed code") == 19
    assert shown.index("by a followed link") < shown.index("by a typed code")
    assert shown.index("-500 credit") < shown.index("<td>500 credit")


def test_the_page_shows_the_programme_that_was_begun_last(viral: Viral, signed_in: Browser) -> None:
    """Also where there are more than one can choose from."""
    for number in range(51):
        viral.programme(name=f"Programme {number:02}")
    shown = signed_in.get("/viral").text
    assert "Programme 50 <" in shown
    assert "Programme 00" not in shown
    assert "Programme 50" in signed_in.get("/analytics?_panel=crm_viral.growth").text


def test_where_it_is_off_links_lead_nowhere_and_who_came_before_waits(
    viral: Viral, strangers: Strangers, plugin_host: Host
) -> None:
    """A sign-up by a link that was followed before is decided once the module is on again."""
    link = viral.link(viral.programme())
    referral = strangers.follow(link)
    switch(viral, strangers.host, plugin_host, way="disable")
    assert strangers.visit(link["code"]).status_code == 404
    strangers.sign_up(referral)
    switch(viral, strangers.host, plugin_host, way="enable")
    assert viral.items("conversions") == []
    strangers.deliver()
    assert len(viral.items("conversions")) == 1


def test_who_wants_to_be_forgotten_is_in_no_explanation(
    viral: Viral, strangers: Strangers, workspace: WorkspaceUnderTest, plugin_host: Host
) -> None:
    """They see what is held; then touches, labels and reasons tell of them no more, books do."""
    link = viral.link(viral.programme())
    (user,) = strangers.sign_up(strangers.follow(link))
    subject = DataSubject(user_id=user, contact_ids=(), emails=(), phones=())
    with plugin_host.scope(workspace=workspace.id, plugin="crm_viral"):
        assert [it.kind for it in people.export(subject)] == ["conversion"]
        report = people.erase(subject)
        assert (report.anonymised, [it.count for it in report.retained]) == (2, [1])
        assert people.erase(subject).anonymised == 0
    assert viral.items("conversions")[0]["touches"] == []


def test_who_closes_their_account_is_forgotten_where_they_came_from(
    viral: Viral,
    strangers: Strangers,
    other_workspace: WorkspaceUnderTest,
    plugin_host: Host,
    run: Callable[..., list[Any]],
) -> None:
    """They are in none of the workspaces whose links they followed; each visitor stays one."""
    theirs = Viral(viral.client, other_workspace.headers)
    users = (plugin_host.new_id(),)
    for place in (viral, theirs):
        link, browser = place.link(place.programme()), strangers.app.test_client()
        strangers.follow(link, browser)
        strangers.sign_up(strangers.follow(link, browser), user_ids=users)
    digests = "SELECT visitor FROM crm_viral.touch ORDER BY id"
    before = run(digests)
    subject = DataSubject(user_id=users[0], contact_ids=(), emails=(), phones=())
    with plugin_host.scope(plugin="crm_viral"):
        assert [people.erase(subject).anonymised for _ in range(2)] == [6, 0]
    for place in (viral, theirs):
        assert place.items("conversions")[0]["touches"] == []
    after = run(digests)
    assert not set(before) & set(after)
    assert len(set(after)) == 2


def change(
    viral: Viral, path: str, document: Json, *, status: int = 200, match: str | None = "*"
) -> Any:
    """Send a merge patch."""
    headers = {} if match is None else {"If-Match": match}
    headers["Content-Type"] = "application/merge-patch+json"
    return viral.send("PATCH", path, status, data=json.dumps(document), headers=headers)


def switch(viral: Viral, *hosts: Host, way: str) -> None:
    """Switch the module in the workspace; processes look every second, this one at once."""
    path = f"/api/v1/plugins/crm_viral/{way}"
    assert viral.client.post(path, json={}, headers=viral.headers).status_code == 200
    for host in hosts:
        host.switches.refresh()
