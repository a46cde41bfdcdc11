"""What leads people to the sign-up: the address, the browser's memory, or a code they type."""

from __future__ import annotations

import pytest

from meishi.core.identity.contract import UserSignedUp
from meishi.http.cookies import REFERRAL_COOKIE
from meishi.testing.browsing import Browser, token_on
from meishi.testing.types import PublishedEvents

from .people import PASSWORD, Mails, sent


@pytest.mark.parametrize(
    ("address", "cookie", "typed", "told"),
    [
        ("?ref=LINK.a-b_c", "KEPT", "", "LINK.a-b_c"),
        ("", "KEPT.x", "", "KEPT.x"),
        ("?ref=LINK", "KEPT", " TYPED ", "TYPED"),
        ("?ref=%3Cscript%3E", "", "", None),
        (f"?ref={'x' * 201}", "KEPT", "", "KEPT"),
        ("", "", "", None),
    ],
)
def test_what_led_to_a_sign_up_is_told_with_the_account(
    stranger: Browser,
    mails: Mails,
    published_events: PublishedEvents,
    address: str,
    cookie: str,
    typed: str,
    told: str | None,
) -> None:
    """A typed code is before the address, and that before the cookie; nonsense counts as nothing.

    The browser remembers nothing of it afterwards: the next person may come by themselves.
    """
    if cookie:
        stranger.client.set_cookie(REFERRAL_COOKIE, cookie)
    page = stranger.get(f"/sign-up{address}")
    ref = page.text.partition('name="ref" value="')[2].partition('"')[0]
    form = {"name": "Anna", "email": "anna@example.com", "password": PASSWORD}
    form |= {"csrf_token": token_on(page), "ref": ref, "referral": typed}
    assert stranger.client.post("/sign-up", data=form).status_code == 200
    assert stranger.client.get_cookie(REFERRAL_COOKIE) is None
    (link,) = mails.links()
    sent(stranger, link, password=PASSWORD, token=link.partition("token=")[2])
    (event,) = published_events(UserSignedUp)
    assert isinstance(event, UserSignedUp)
    assert event.referral == told


def test_a_code_that_is_none_comes_back_with_the_form(stranger: Browser) -> None:
    """What was typed is kept, also what the address said."""
    form = {"name": "Anna", "email": "anna@example.com", "password": PASSWORD}
    answer = sent(stranger, "/sign-up", **form, referral="no code", ref="LINK")
    assert answer.status_code == 422
    assert "A referral code has at most" in answer.text
    assert 'value="no code"' in answer.text
    assert 'name="ref" value="LINK"' in answer.text
