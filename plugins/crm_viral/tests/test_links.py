"""Links: what following one leaves, who can share one, and what leads there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from crm_viral.contract import MAX_LINKS, NobodyActs, Participation, TooManyLinks
from crm_viral.pages import link_of_maker
from crm_viral.repository import programmes
from meishi.core.identity.contract import Tokens
from meishi.sdk.context import Actor, service
from meishi.sdk.contract import Role
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .conftest import BROWSER, Strangers, Viral

_TOUCHES = "SELECT visitor, channel, placement FROM crm_viral.touch ORDER BY id"


def test_following_a_link_leaves_one_row_and_a_cookie_that_it_does_not_hold(
    viral: Viral, strangers: Strangers, run: Callable[..., list[Any]]
) -> None:
    """The same browser is the same visitor, another is another; the row has a digest alone."""
    link = viral.link(viral.programme())
    browser = strangers.app.test_client()
    first = strangers.follow(link, browser, "?c=Mail&p=foot_er")
    cookie = browser.get_cookie("meishi_referral")
    assert cookie is not None
    assert cookie.value == first
    assert strangers.follow(link, browser, "?c=a%20b&p=" + "x" * 41) == first
    other = strangers.follow(link)
    assert other != first
    one, again, another = run(_TOUCHES)
    assert one == (one[0], "mail", "foot_er")
    assert again == (one[0], None, None)
    assert another[0] != one[0]
    visitor = first.partition(".")[2]
    assert visitor.encode() not in one[0]
    assert bytes.fromhex(visitor) != one[0]


@pytest.mark.parametrize("path", ["/J/{}", "/j/{}"])
def test_a_code_is_found_however_it_is_typed(viral: Viral, strangers: Strangers, path: str) -> None:
    """Small letters do; what is no code, or nobody's, is not found."""
    link = viral.link(viral.programme())
    client = strangers.app.test_client()
    answer = client.get(path.format(link["code"].lower()), headers={"User-Agent": BROWSER})
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    for wrong in ("ZZZZZZZZZZ", "x", "%00"):
        assert client.get(path.format(wrong)).status_code in {400, 404}
    assert len(viral.items("touches")) == 1


def test_programs_and_looks_ahead_leave_nothing_and_still_arrive(
    viral: Viral, strangers: Strangers
) -> None:
    """A bot, HEAD and a paused programme come to the sign-up with the bare code, and no cookie."""
    programme = viral.programme()
    link = viral.link(programme)
    client = strangers.app.test_client()
    bot = client.get(f"/J/{link['code']}", headers={"User-Agent": "Slackbot"})
    head = strangers.visit(link["code"], client, method="HEAD")
    viral.send(
        "PATCH",
        f"programmes/{programme['id']}",
        data=b'{"state": "paused"}',
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    paused = strangers.visit(link["code"], client)
    for answer in (bot, head, paused):
        assert answer.location == f"/sign-up?ref={link['code']}"
        assert "Set-Cookie" not in answer.headers
    assert viral.items("touches") == []


@pytest.mark.one_piece  # touches and sign-ups are compared by one clock
def test_a_link_that_counts_for_nothing_takes_nothing_from_another(
    viral: Viral, strangers: Strangers
) -> None:
    """Who follows a link of a programme that is over is still owed to who led them before."""
    link, over = viral.link(viral.programme()), viral.programme()
    dead = viral.link(over)
    viral.send(
        "PATCH",
        f"programmes/{over['id']}",
        data=b'{"ends_at": "2026-01-02T00:00:00Z"}',
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    browser = strangers.app.test_client()
    strangers.follow(link, browser)
    strangers.sign_up(strangers.follow(dead, browser))
    assert [it["link_id"] for it in viral.items("conversions")] == [link["id"]]


@pytest.mark.one_piece  # touches and sign-ups are compared by one clock
def test_a_touch_counts_for_who_typed_nothing_and_a_code_for_who_did(
    viral: Viral, strangers: Strangers, run: Callable[..., list[Any]]
) -> None:
    """A typed code is owed to its owner, though another link was followed before."""
    programme = viral.programme()
    link = viral.link(programme)
    other = viral.link(programme)
    followed = strangers.follow(link)
    code = other["code"].lower()
    typed = f"{code[:5]}-{code[5:]}"
    strangers.sign_up(followed, typed)
    assert [(it["link_id"], it["method"]) for it in viral.items("conversions")] == [
        (link["id"], "last_click"),
        (other["id"], "typed_code"),
    ]


def test_nobody_is_their_own_referrer_nor_closes_a_ring(
    viral: Viral,
    strangers: Strangers,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    run_at_main: Callable[..., list[Any]],
) -> None:
    """One's own link counts for nothing, and neither does that of who came by one's own."""
    programme = viral.programme()
    link = viral.link(programme)
    strangers.sign_up(
        strangers.follow(link), link["code"], user_ids=(workspace.owner_id, workspace.owner_id)
    )
    assert viral.items("conversions") == []
    led = other_workspace.owner_id
    strangers.sign_up(link["code"], user_ids=(led,))
    member = (
        "INSERT INTO identity.membership (workspace_id, user_id, role) VALUES (%s, %s, 'member')"
    )
    run_at_main(member, workspace.id, led)
    with workspace.host.scope(workspace=workspace.id, plugin="crm_viral", actor=Actor(user_id=led)):
        back = service(Participation).make_link(UUID(programme["id"]))
    strangers.sign_up(back.code, user_ids=(workspace.owner_id,))
    assert len(viral.items("conversions")) == 1


def test_only_people_take_part_and_only_in_what_runs(
    viral: Viral, workspace: WorkspaceUnderTest, host: Host
) -> None:
    """Operators, service accounts, what has not begun, and an unknown programme are refused."""
    with workspace.acting_as("identity"):
        robot = service(Tokens).issue_service(name="robot", role=Role.MEMBER)
    running = {"programme_id": viral.programme()["id"]}
    headers = {"Authorization": f"Bearer {robot.secret}"}
    refused = viral.send("POST", "links", 409, json=running, headers=headers)
    assert refused["type"].endswith("nobody-acts")
    programme = viral.programme(starts_at="2999-01-01T00:00:00Z")
    wanted = {"programme_id": programme["id"]}
    assert viral.send("POST", "links", 409, json=wanted)["type"].endswith("programme-not-live")
    viral.send("POST", "links", 404, json={"programme_id": str(UUID(int=1))})
    with (
        host.scope(workspace=workspace.id, plugin="crm_viral"),
        pytest.raises(NobodyActs, match="person"),
    ):
        service(Participation).make_link(UUID(programme["id"]))


@pytest.mark.beside("qr")
def test_a_link_is_drawn_as_a_code(viral: Viral) -> None:
    """The picture is SVG, read back by who draws codes."""
    link = viral.link(viral.programme())
    path = f"/api/v1/viral/links/{link['id']}/code.svg"
    answer = viral.client.get(path, headers=viral.headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith("image/svg+xml")
    assert link["url"] in answer.text
    cached = viral.client.get(
        path, headers=viral.headers | {"If-None-Match": answer.headers["ETag"]}
    )
    assert cached.status_code == 304


@pytest.mark.beside("qr")
def test_a_card_leads_to_the_link_of_its_maker(viral: Viral, workspace: WorkspaceUnderTest) -> None:
    """Where the maker takes part in nothing that runs, others say where it leads."""

    def led(card_id: str) -> str | None:
        with workspace.acting_as("crm_viral"):
            return link_of_maker(UUID(card_id))

    contact = viral.client.post(
        "/api/v1/contacts", json={"name": {"full": "Anna"}}, headers=viral.headers
    ).json
    assert contact is not None
    made = viral.client.post(
        "/api/v1/qr/cards", json={"contact_id": contact["id"]}, headers=viral.headers
    ).json
    assert made is not None
    assert led(made["id"]) is None
    link = viral.link(viral.programme())
    assert led(made["id"]) == f"/J/{link['code']}?c=card"
    assert led(str(UUID(int=1))) is None


def test_a_link_is_made_while_sign_ups_are_decided(
    viral: Viral, workspace: WorkspaceUnderTest, plugin_host: Host
) -> None:
    """Who holds the participant does not wait for who holds the programme: that is a deadlock."""
    programme = viral.programme()
    viral.link(programme)
    inside = plugin_host.scope(workspace=workspace.id, plugin="crm_viral")
    with inside, ThreadPoolExecutor(1) as pool:
        locked = programmes.locked([UUID(programme["id"])])
        made = pool.submit(viral.link, programme).result(timeout=20)
        assert list(locked) == [UUID(made["programme_id"])]


def test_nobody_has_more_links_than_one_may(viral: Viral, workspace: WorkspaceUnderTest) -> None:
    """However many are asked for at once."""
    programme = viral.programme()
    for _ in range(MAX_LINKS - 5):
        viral.link(programme)
    threads = 10
    together = Barrier(threads, timeout=30)

    def ask() -> bool:
        together.wait()
        owner = Actor(user_id=workspace.owner_id)
        with workspace.host.scope(workspace=workspace.id, plugin="crm_viral", actor=owner):
            try:
                service(Participation).make_link(UUID(programme["id"]))
            except TooManyLinks:
                return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        asked = [pool.submit(ask) for _ in range(threads)]
    assert sum(done.result() for done in asked) == 5
    assert len(viral.items("links?limit=200")) == MAX_LINKS
