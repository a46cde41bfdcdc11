"""From a link to the rewards of both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_viral.contract import ReferralConverted, ReferralRewarded, ReferralTouched
from meishi.core.identity.contract import Accounts, UserSignedUp, WorkspaceFounded
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.types import Host, PublishedEvents

from .conftest import Strangers, Viral


def test_a_link_leads_to_a_conversion_that_says_why(
    viral: Viral, strangers: Strangers, published_events: PublishedEvents
) -> None:
    """The last click wins, the earlier one is named, and the referrer has a line in the ledger."""
    link = viral.link(viral.programme())
    browser = strangers.app.test_client()
    strangers.follow(link, browser)
    referral = strangers.follow(link, browser, "?c=mail&p=footer")
    (user,) = strangers.sign_up(referral)
    (found,) = viral.items("conversions")
    assert (found["referee_id"], found["referrer_id"]) == (str(user), link["user_id"])
    assert (found["method"], found["rule_version"]) == ("last_click", 1)
    assert [touch["verdict"] for touch in found["touches"]] == ["earlier", "last"]
    assert found["touch_id"] == found["touches"][1]["touch_id"]
    assert [(it["rule"], it["amount"], it["grant"]) for it in found["rewards"]] == [
        ("referrer", 500, "granted"),
        ("referee", 300, "granted"),
    ]
    (reward,) = viral.items("rewards")
    assert (reward["beneficiary_id"], reward["amount"]) == (link["user_id"], 500)
    assert viral.items("participants")[0]["earned"] == 500
    assert [it["channel"] for it in viral.items("touches")] == [None, "mail"]
    kinds = [type(it) for it in published_events()]
    assert kinds.count(ReferralTouched) == 2
    assert kinds.count(ReferralConverted) == kinds.count(ReferralRewarded) == 1


def test_the_referee_gets_theirs_once_they_have_a_workspace(
    viral: Viral,
    strangers: Strangers,
    host: Host,
    run: Callable[..., list[Any]],
    run_at_main: Callable[..., list[Any]],
) -> None:
    """It waits in the programme's workspace, and then stands in the ledger of their own."""
    link = viral.link(viral.programme())
    mine = found_workspace(host, "mine")
    run_at_main("DELETE FROM identity.membership WHERE user_id = %s", mine.owner_id)
    strangers.sign_up(strangers.follow(link), user_ids=(mine.owner_id,))
    assert viral.items("conversions")[0]["referee_waits"] is True
    with host.scope():
        founded = host.service(Accounts).found_workspace(
            user_id=mine.owner_id, slug="new", name="New"
        )
    strangers.deliver()
    (conversion,) = viral.items("conversions")
    assert conversion["referee_waits"] is False
    assert run("SELECT workspace_id, rule, amount FROM crm_viral.entry ORDER BY id") == [
        (run("SELECT workspace_id FROM crm_viral.programme")[0][0], "referrer", 500),
        (founded, "referee", 300),
    ]
    viral.send("POST", f"conversions/{conversion['id']}/reversal")
    viral.send("POST", f"conversions/{conversion['id']}/reversal")
    strangers.deliver()
    assert run("SELECT rule, amount FROM crm_viral.entry WHERE kind = 'reverse' ORDER BY rule") == [
        ("referee", -300),
        ("referrer", -500),
    ]
    assert viral.items("programmes")[0]["spent"] == 0
    assert viral.items("participants")[0]["earned"] == 0


def test_hearing_it_all_again_changes_nothing(
    viral: Viral,
    strangers: Strangers,
    host: Host,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    run: Callable[..., list[Any]],
) -> None:
    """A sign-up and a founding that are told twice convert and reward once."""
    referral = strangers.follow(viral.link(viral.programme()))
    for _ in range(2):
        strangers.sign_up(referral, user_ids=(other_workspace.owner_id,))
        with host.scope(workspace=other_workspace.id, plugin="identity"):
            told = WorkspaceFounded(
                workspace_id=other_workspace.id, user_id=other_workspace.owner_id
            )
            host.publish([told])
        strangers.deliver()
    assert len(viral.items("conversions")) == 1
    assert run("SELECT workspace_id, amount FROM crm_viral.entry ORDER BY amount") == [
        (other_workspace.id, 300),
        (workspace.id, 500),
    ]


def test_other_workspaces_see_nothing_of_it(
    viral: Viral, strangers: Strangers, other_workspace: WorkspaceUnderTest
) -> None:
    """A programme, its touches, conversions and rewards stay where the programme is."""
    strangers.sign_up(strangers.follow(viral.link(viral.programme())))
    elsewhere = Viral(viral.client, other_workspace.headers)
    for collection in ("programmes", "participants", "links", "touches", "conversions", "rewards"):
        assert viral.items(collection) != []
        assert elsewhere.items(collection) == []


def test_who_came_by_nothing_of_ours_is_let_pass(
    viral: Viral, strangers: Strangers, published_events: PublishedEvents
) -> None:
    """Another programme's words, an unknown code and nothing at all lead to no conversion."""
    viral.link(viral.programme())
    strangers.sign_up(None, "somebody~else", "ZZZZZZZZZZ", "ZZZZZZZZZZ.nonsense")
    assert viral.items("conversions") == []
    assert len(published_events(UserSignedUp)) == 4
