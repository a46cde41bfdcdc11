"""What becomes of links in mails when an account changes meanwhile."""

from __future__ import annotations

from uuid import UUID

import pytest

from meishi.core.identity.contract import Accounts, LinkInvalid

from .people import ADDRESS, PASSWORD, People

NEW = "another long phrase"


def want(people: People, user_id: UUID, email: str) -> None:
    """Ask for another address."""
    people.call(
        Accounts,
        lambda it: it.request_email(
            user_id=user_id, password=PASSWORD, email=email, address=ADDRESS
        ),
    )


def confirm(people: People, secret: str) -> None:
    """Use a link that changes the address."""
    people.call(Accounts, lambda it: it.change_email(secret))


def test_a_link_proves_no_other_address(people: People) -> None:
    """Before the second mail is written, the first one's link does not stand for its address."""
    anna = people.member()
    want(people, anna, "mine@example.com")
    secret = people.link()
    want(people, anna, "somebody-else@example.com")
    with pytest.raises(LinkInvalid):
        confirm(people, secret)
    assert people.call(Accounts, lambda it: it.get(anna)).email == "anna@example.com"


def test_a_new_password_ends_a_change_of_address(people: People) -> None:
    """Who knew the old password cannot take the account over afterwards."""
    anna = people.member()
    want(people, anna, "thief@example.com")
    secret = people.link()
    people.call(
        Accounts,
        lambda it: it.change_password(
            user_id=anna, session_id=None, old=PASSWORD, new=NEW, address=ADDRESS
        ),
    )
    with pytest.raises(LinkInvalid):
        confirm(people, secret)


def test_a_reset_ends_a_change_of_address(people: People) -> None:
    """The same holds for a password that is chosen anew."""
    anna = people.member()
    want(people, anna, "thief@example.com")
    secret = people.link()
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    reset = people.link()
    people.call(Accounts, lambda it: it.reset_password(reset, NEW))
    with pytest.raises(LinkInvalid):
        confirm(people, secret)


def test_the_old_address_is_told_and_can_do_nothing_more(people: People) -> None:
    """After a change the old mailbox has word of it, and its links are good for nothing."""
    anna = people.member()
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    reset = people.link()
    want(people, anna, "new@example.com")
    confirm(people, people.link())
    (told,) = people.mails()
    assert told["To"] == "anna@example.com"
    assert "changed" in told["Subject"]
    with pytest.raises(LinkInvalid):
        people.call(Accounts, lambda it: it.reset_password(reset, NEW))
