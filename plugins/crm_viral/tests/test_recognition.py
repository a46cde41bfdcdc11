"""What timelines of contacts tell of referrals: of those whose verified address a contact has."""

from __future__ import annotations

from uuid import UUID

import pytest

from crm_viral.contract import ReferralRecognised, RewardRecognised
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

from .conftest import Run, Strangers, Viral

pytestmark = pytest.mark.beside("crm_contacts")


def address_of(run_at_main: Run, user_id: UUID, *, verified: bool = True) -> str:
    """Return the address of an account, which its owner has verified or not."""
    statement = (
        'UPDATE identity."user" SET verified_at = CASE WHEN %s THEN now() END'
        " WHERE id = %s RETURNING email"
    )
    return str(run_at_main(statement, verified, user_id)[0][0])


def contact(viral: Viral, email: str) -> str:
    """Create a contact that has an address, and return its id."""
    document = {"name": {"full": email}, "emails": [{"address": email.upper()}]}
    answer = viral.client.post("/api/v1/contacts", json=document, headers=viral.headers)
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["id"])


def told(viral: Viral, strangers: Strangers, contact_id: str) -> list[str]:
    """Deliver what has happened, and what follows from it; return what is told, newest first."""
    for _ in range(3):
        strangers.deliver()
    path = f"/api/v1/contacts/{contact_id}/timeline"
    items = (viral.client.get(path, headers=viral.headers).json or {})["items"]
    return [item["kind"] for item in items if item["plugin"] == "crm_viral"]


def test_both_sides_of_a_referral_are_told_of_it(
    viral: Viral,
    strangers: Strangers,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    run_at_main: Run,
    signed_in: Browser,
) -> None:
    """Who came, who led them here, and what that earned; and what was taken back."""
    anna = contact(viral, address_of(run_at_main, workspace.owner_id))
    bo = contact(viral, address_of(run_at_main, other_workspace.owner_id))
    nobody = contact(viral, "nobody@else.example")
    link = viral.link(viral.programme())
    strangers.sign_up(strangers.follow(link), user_ids=(other_workspace.owner_id,))
    assert sorted(told(viral, strangers, anna)) == ["led_by_referral", "reward_earned"]
    assert told(viral, strangers, bo) == ["came_by_referral"]
    assert told(viral, strangers, nobody) == []
    viral.send("POST", f"conversions/{viral.items('conversions')[0]['id']}/reversal")
    assert told(viral, strangers, anna)[0] == "reward_lost"
    shown = signed_in.get(f"/contacts/{anna}/timeline").text
    for words in ("Led somebody to sign up", "Got a reward", "Lost a reward"):
        assert words in shown
    german = signed_in.get(f"/contacts/{bo}/timeline", headers={"Accept-Language": "de"}).text
    assert "Hat sich durch eine Empfehlung registriert" in german


def test_who_has_not_shown_that_an_address_is_theirs_is_nobody(
    viral: Viral,
    strangers: Strangers,
    other_workspace: WorkspaceUnderTest,
    run_at_main: Run,
    published_events: PublishedEvents,
) -> None:
    """Nor is who has no account any more: else anybody could write on a contact's timeline."""
    bo = contact(viral, address_of(run_at_main, other_workspace.owner_id, verified=False))
    link = viral.link(viral.programme())
    strangers.sign_up(strangers.follow(link), user_ids=(other_workspace.owner_id,))
    strangers.sign_up(strangers.follow(link))
    assert told(viral, strangers, bo) == []
    assert {ReferralRecognised, RewardRecognised}.isdisjoint(map(type, published_events()))


def test_contacts_elsewhere_are_told_nothing(
    viral: Viral,
    strangers: Strangers,
    other_workspace: WorkspaceUnderTest,
    run_at_main: Run,
) -> None:
    """What happens in a programme's workspace is for its own contacts."""
    elsewhere = Viral(viral.client, other_workspace.headers)
    bo = contact(elsewhere, address_of(run_at_main, other_workspace.owner_id))
    link = viral.link(viral.programme(referee_reward=0))
    strangers.sign_up(strangers.follow(link), user_ids=(other_workspace.owner_id,))
    assert told(elsewhere, strangers, bo) == []
