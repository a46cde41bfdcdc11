"""Opening an account, proving the address, and what strangers learn of it: nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from meishi.core.identity.contract import (
    Accounts,
    EmailNotVerified,
    InvalidAccount,
    LinkInvalid,
    LinkPurpose,
    SignInRefused,
    WeakPassword,
    WrongPassword,
)
from meishi.core.identity.service.passwords import Passwords
from meishi.database.location import Location

from .people import PASSWORD, People, secret_in

#: A common password in letters as wide as Chinese ones.
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "PASSWORD1234")


def run(database: Location, statement: str) -> int:
    """Change rows as an administrator."""
    with psycopg.connect(database.administrator_url()) as admin:
        return admin.execute(statement.encode()).rowcount


def test_an_account_is_opened_by_the_link_and_the_password(people: People) -> None:
    """Nobody signs in before the link in the mail was used together with the password."""
    people.sign_up("Anna@Example.com")
    with pytest.raises(EmailNotVerified):
        people.sign_in()
    (mail,) = people.mails()
    assert mail["To"] == "anna@example.com"
    secret = secret_in(mail)
    with pytest.raises(WrongPassword):
        people.verify(secret, "another long phrase")
    user_id = people.verify(secret)
    assert people.sign_in().secret
    account = people.call(Accounts, lambda it: it.get(user_id))
    assert (account.email, account.verified, account.operator) == (
        "anna@example.com",
        True,
        False,
    )


def test_a_link_is_good_once_and_for_its_purpose(people: People, database: Location) -> None:
    """Used, truncated, foreign, expired and older links are all the same: not valid."""
    people.sign_up()
    first = people.link()
    people.call(Accounts, lambda it: it.request_verification("anna@example.com"))
    secret = people.link()
    refused = [first, secret[:-1], secret + "x", "", "\0", "ä" * 500]
    for wrong in refused:
        with pytest.raises(LinkInvalid):
            people.verify(wrong)
    with pytest.raises(LinkInvalid):
        people.call(Accounts, lambda it: it.reset_password(secret, PASSWORD))
    assert people.call(Accounts, lambda it: it.is_open(secret, LinkPurpose.VERIFY))
    assert not people.call(Accounts, lambda it: it.is_open(secret, LinkPurpose.RESET))
    people.verify(secret)
    with pytest.raises(LinkInvalid):
        people.verify(secret)
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    late = people.link()
    assert run(database, "UPDATE identity.account_link SET expires_at = now()") == 1
    with pytest.raises(LinkInvalid):
        people.call(Accounts, lambda it: it.reset_password(late, PASSWORD))


def test_of_two_who_use_a_link_one_has_it(people: People) -> None:
    """A link that is used twice at once is used once."""
    people.sign_up()
    secret, together = people.link(), Barrier(2)

    def use() -> bool:
        together.wait()
        try:
            people.verify(secret)
        except LinkInvalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda _: use(), range(2))) == [False, True]


def test_a_known_address_is_told_by_mail_alone(people: People) -> None:
    """Who signs up again learns nothing; the owner is told, and the account stays as it was."""
    people.member()
    people.sign_up(password="somebody else's phrase")
    (mail,) = people.mails()
    assert mail["Subject"] == "You have an account already"
    assert people.sign_in().secret
    with pytest.raises(SignInRefused):
        people.sign_in(password="somebody else's phrase")


def test_an_address_cannot_be_taken_before_its_owner_comes(people: People) -> None:
    """Whoever opened an account for another's address first does not get in by their click."""
    people.sign_up(password="the attacker's phrase")
    people.mails()
    people.sign_up(password=PASSWORD)
    secret = people.link()
    with pytest.raises(WrongPassword):
        people.verify(secret)
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    link = people.link()
    people.call(Accounts, lambda it: it.reset_password(link, PASSWORD))
    assert people.sign_in().secret
    with pytest.raises(SignInRefused):
        people.sign_in(password="the attacker's phrase")


def work(people: People, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> list[str]:
    """Return which kinds of statements and hashes something takes."""
    done: list[str] = []
    for name in ("hash", "matches"):
        monkeypatch.setattr(Passwords, name, _noted(getattr(Passwords, name), name, done))

    engine = people.host.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        done.append(" ".join(statement.split())[:60])

    event.listen(engine, "before_cursor_execute", note)
    try:
        do()
    except (SignInRefused, EmailNotVerified) as error:
        done.append(type(error).__name__)
    finally:
        event.remove(engine, "before_cursor_execute", note)
        monkeypatch.undo()
    return done


def _noted(function: Callable[..., Any], name: str, done: list[str]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        done.append(name)
        return function(*arguments)

    return call


@pytest.mark.parametrize("asked", ["reset", "sign_in", "sign_up"])
def test_known_and_unknown_addresses_take_the_same_work(
    people: People, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """The answer to a stranger tells nothing, and what is done for it takes as long."""
    people.member("known@example.com")

    def ask(email: str) -> None:
        match asked:
            case "reset":
                people.call(Accounts, lambda it: it.request_reset(email))
            case "sign_up":
                people.sign_up(email)
            case _:
                people.sign_in(email, "a wrong long phrase")

    known = work(people, monkeypatch, lambda: ask("known@example.com"))
    unknown = work(people, monkeypatch, lambda: ask("unknown@example.com"))
    if asked == "sign_up":
        # One look-up more finds out which mail is sent.
        assert set(unknown) <= set(known)
        assert unknown.count("hash") == known.count("hash") == 1
    else:
        assert known == unknown


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 201,
        "password1234",
        "Passwort1234",
        "aaaaaaaaaaaa",
        "anna@example.com",
        WIDE,
    ],
)
def test_passwords_that_others_guess_are_refused(people: People, password: str) -> None:
    """Too short, too long, too common, or one's own address: none of these is a password."""
    with pytest.raises(WeakPassword):
        people.sign_up(password=password)
    assert people.mails() == []


def test_a_password_is_the_same_on_every_keyboard(people: People) -> None:
    """Composed or not, wide or not: what looks the same opens the same account."""
    people.sign_up(password="gro\u0308\u00dfe der Wörter")
    people.verify(people.link(), "grö\u00dfe der Wo\u0308rter")


@pytest.mark.parametrize("email", ["", "no address", "a@b@c", "a\r\nBcc: x@example.com", "a@\0"])
def test_what_is_no_address_is_refused(people: People, email: str) -> None:
    """What could never be written to opens no account, and adds no header to a mail."""
    with pytest.raises(InvalidAccount):
        people.sign_up(email)


def test_nobody_is_flooded_with_mails(people: People) -> None:
    """However often somebody asks in a minute, one mail comes of it; its link stays good."""
    people.member()
    for _ in range(5):
        people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
        people.sign_up()
    mails = people.mails()
    assert sorted(mail["Subject"] for mail in mails) == [
        "Choose a new password",
        "You have an account already",
    ]
    (secret,) = (secret_in(mail) for mail in mails if mail["Subject"] == "Choose a new password")
    people.call(Accounts, lambda it: it.reset_password(secret, PASSWORD))
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    assert len(people.mails()) == 1
