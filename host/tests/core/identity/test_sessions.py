"""Signing in, guessing passwords, and ending sessions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import ceil, log2
from time import monotonic
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from meishi.core.identity.contract import (
    AccountMails,
    AccountNotFound,
    Accounts,
    LinkInvalid,
    NotAMember,
    SessionNotFound,
    Sessions,
    SignInRefused,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from meishi.core.identity.service.attempts import FREE, FREE_OF_ADDRESS
from meishi.core.identity.service.sessions import network_of
from meishi.database.location import Location
from meishi.sdk.contract import Role

from .people import ADDRESS, AGENT, PASSWORD, People, secret_in

WRONG = "a wrong long phrase"


def rows(database: Location, statement: str) -> list[Any]:
    """Ask, or change, as an administrator."""
    with psycopg.connect(database.administrator_url()) as admin:
        found = admin.execute(statement.encode())
        return found.fetchall() if found.description else []


def test_a_session_says_who_and_where(people: People) -> None:
    """Without a workspace it is a person's alone; with one it says what they are there."""
    anna = people.member()
    opened = people.sign_in()
    alone = people.whose(opened.secret)
    assert alone is not None
    assert (alone.user_id, alone.session_id) == (anna, opened.id)
    assert (alone.workspace_id, alone.role, alone.operator, alone.stale) == (
        None,
        None,
        False,
        False,
    )
    first, second = (people.found(anna, slug) for slug in ("first", "second"))
    assert getattr(people.whose(opened.secret), "workspace_id", None) == first
    people.call(
        Sessions, lambda it: it.switch(session_id=opened.id, user_id=anna, workspace_id=second)
    )
    there = people.whose(opened.secret)
    assert there is not None
    assert (there.workspace_id, there.role) == (second, Role.OWNER)
    listed = people.call(Accounts, lambda it: it.workspaces_of(anna))
    assert [(item.slug, item.role) for item in listed] == [
        ("first", Role.OWNER),
        ("second", Role.OWNER),
    ]


def test_a_session_falls_back_where_its_user_has_left(people: People, database: Location) -> None:
    """Who was taken out of a workspace is in the one they were in before, or in none."""
    anna = people.member()
    opened = people.sign_in()
    ids = [people.found(anna, slug) for slug in ("first", "second")]
    last = ids[1]
    people.call(
        Sessions, lambda it: it.switch(session_id=opened.id, user_id=anna, workspace_id=last)
    )
    rows(database, f"DELETE FROM identity.membership WHERE workspace_id = '{last}'")
    assert getattr(people.whose(opened.secret), "workspace_id", None) == ids[0]
    with pytest.raises(NotAMember):
        people.call(
            Sessions, lambda it: it.switch(session_id=opened.id, user_id=anna, workspace_id=last)
        )
    rows(database, "DELETE FROM identity.membership")
    assert getattr(people.whose(opened.secret), "role", "") is None


def test_secrets_of_nobody_are_nobodys(people: People) -> None:
    """Wrong, truncated, longer and odd secrets open nothing."""
    people.member()
    secret = people.sign_in().secret
    for wrong in ("", "x", secret[:-1], f"{secret}x", secret.swapcase(), "\0", "ä"):
        assert people.whose(wrong) is None


def test_every_sign_in_is_a_session_of_its_own(people: People, database: Location) -> None:
    """No session is taken over, and nothing of its secret is stored."""
    people.member()
    one, two = people.sign_in(), people.sign_in()
    assert one.secret != two.secret
    dump = str(rows(database, "SELECT s::text FROM identity.session s"))
    assert one.secret not in dump


def test_sessions_end(people: People, database: Location) -> None:
    """Revoked, expired or idle: the next request is a stranger's, and others' cannot be ended."""
    anna, eve = people.member(), people.member("eve@example.com")
    kept, gone = people.sign_in(), people.sign_in()
    with pytest.raises(SessionNotFound):
        people.call(Sessions, lambda it: it.revoke(user_id=eve, session_id=gone.id))
    people.call(Sessions, lambda it: it.revoke(user_id=anna, session_id=gone.id))
    assert people.whose(gone.secret) is None
    listed = people.call(Sessions, lambda it: it.of_user(anna))
    (shown,) = listed
    assert (shown.id, shown.user_agent, shown.address) == (kept.id, AGENT, "192.0.2.0/24")
    rows(database, "UPDATE identity.session SET last_seen_at = now() - interval '2 minutes'")
    assert getattr(people.whose(kept.secret), "stale", False)
    people.call(Sessions, lambda it: it.touch(kept.id))
    assert not getattr(people.whose(kept.secret), "stale", True)
    rows(database, "UPDATE identity.session SET last_seen_at = now() - interval '8 days'")
    assert people.whose(kept.secret) is None
    late = people.sign_in()
    rows(database, "UPDATE identity.session SET expires_at = now()")
    assert people.whose(late.secret) is None
    assert people.call(Sessions, lambda it: it.of_user(anna)) == ()


def test_a_new_password_ends_the_other_sessions(people: People) -> None:
    """Changed by oneself, one stays signed in here; replaced by a link, nowhere."""
    anna = people.member()
    here, there = people.sign_in(), people.sign_in()
    new = "quite another phrase"

    def change(old: str, new: str) -> None:
        people.call(
            Accounts,
            lambda it: it.change_password(
                user_id=anna, session_id=here.id, old=old, new=new, address=ADDRESS
            ),
        )

    with pytest.raises(WrongPassword):
        change(WRONG, new)
    with pytest.raises(WeakPassword):
        change(PASSWORD, "short")
    assert people.whose(there.secret) is not None
    change(PASSWORD, new)
    assert (people.whose(here.secret) is not None, people.whose(there.secret)) == (True, None)
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    secret = people.link()
    people.call(Accounts, lambda it: it.reset_password(secret, PASSWORD))
    assert people.whose(here.secret) is None


def lengthen_waits(database: Location) -> None:
    """Let every wait last for an hour more, so that it is not over before anybody has tried."""
    rows(
        database,
        "UPDATE identity.attempt SET closed_until = closed_until + interval '1 hour'"
        " WHERE closed_until > last_at",
    )


def test_wrong_passwords_make_the_next_ones_wait(people: People, database: Location) -> None:
    """After some, even the right one has to wait; unknown accounts wait just so."""
    people.member()
    for email in ("anna@example.com", "nobody@example.com"):
        for _ in range(FREE):
            with pytest.raises(SignInRefused):
                people.sign_in(email, WRONG)
        lengthen_waits(database)
        with pytest.raises(TooManyAttempts):
            people.sign_in(email, PASSWORD)
    rows(database, "UPDATE identity.attempt SET closed_until = now() - interval '1 second'")
    assert people.sign_in().secret
    with pytest.raises(SignInRefused):
        people.sign_in(password=WRONG)
    assert people.sign_in().secret


def test_a_mistyped_address_makes_nobody_else_wait(people: People, database: Location) -> None:
    """What is no address at all is counted by itself, and not with all others of the kind."""
    for _ in range(FREE):
        with pytest.raises(SignInRefused):
            people.sign_in("anna@", WRONG)
    lengthen_waits(database)
    with pytest.raises(TooManyAttempts):
        people.sign_in("Anna@ ", WRONG)
    with pytest.raises(SignInRefused):
        people.sign_in("eve@", WRONG)


def test_the_wait_doubles_and_is_forgotten(people: People, database: Location) -> None:
    """Each further wrong password doubles the wait, up to a quarter of an hour; a day ends it."""
    people.member()
    waits = []
    for _ in range(FREE + 12):
        with pytest.raises(SignInRefused):
            people.sign_in(password=WRONG)
        (wait,) = rows(
            database,
            "SELECT round(extract(epoch FROM max(closed_until - last_at)))::int "
            "FROM identity.attempt",
        )
        waits.append(wait[0])
        rows(database, "UPDATE identity.attempt SET closed_until = last_at")
    assert waits[FREE - 1 : FREE + 4] == [1, 2, 4, 8, 16]
    assert waits[-1] == 900
    rows(database, "UPDATE identity.attempt SET last_at = now() - interval '25 hours'")
    with pytest.raises(SignInRefused):
        people.sign_in(password=WRONG)
    assert people.sign_in().secret


def test_an_address_that_tries_many_accounts_waits(people: People, database: Location) -> None:
    """Whoever tries one password with many accounts is slowed down by where they come from."""
    people.member()
    for number in range(FREE_OF_ADDRESS):
        with pytest.raises(SignInRefused):
            people.sign_in(f"user{number}@example.com", WRONG)
    lengthen_waits(database)
    with pytest.raises(TooManyAttempts):
        people.sign_in()
    assert people.sign_in(address="198.51.100.1").secret


def test_none_of_many_attempts_at_once_is_free(people: People, database: Location) -> None:
    """Guesses that come together are counted one by one, before any password is looked at."""
    people.member()

    def guess(_: int) -> type:
        try:
            people.sign_in(password=WRONG)
        except (SignInRefused, TooManyAttempts) as error:
            return type(error)
        return object

    begun = monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(24)))
    # Each wait is twice as long as the one before: so many may be over by now.
    waited_for = ceil(log2(1 + monotonic() - begun))
    assert set(answers) == {SignInRefused, TooManyAttempts}
    assert FREE <= answers.count(SignInRefused) <= FREE + waited_for
    (failures,) = rows(database, "SELECT max(failures) FROM identity.attempt")
    assert failures[0] == answers.count(SignInRefused)


def test_what_is_stored_of_a_password_follows_the_settings(
    people: People, database: Location
) -> None:
    """A hash of older parameters is replaced when its password is seen next; argon2id it is."""
    people.member()
    old = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash(PASSWORD)
    rows(database, f"UPDATE identity.\"user\" SET password_hash = '{old}'")
    assert people.sign_in().secret
    ((stored,),) = rows(database, 'SELECT password_hash FROM identity."user"')
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert people.sign_in().secret
    assert rows(database, 'SELECT password_hash FROM identity."user"') == [(stored,)]


def test_an_address_is_changed_by_its_link(people: People) -> None:
    """The new address counts once it was proved, and never one that somebody else has."""
    anna = people.member()
    people.member("eve@example.com")

    def want(email: str, password: str = PASSWORD) -> None:
        people.call(
            Accounts,
            lambda it: it.request_email(
                user_id=anna, password=password, email=email, address=ADDRESS
            ),
        )

    with pytest.raises(WrongPassword):
        want("new@example.com", WRONG)
    want("new@example.com")
    mail = people.mails()[-1]
    assert mail["To"] == "new@example.com"
    assert people.sign_in().secret
    people.call(Accounts, lambda it: it.change_email(secret_in(mail)))
    assert people.sign_in("new@example.com").secret
    with pytest.raises(SignInRefused):
        people.sign_in("anna@example.com")
    want("eve@example.com")
    secret = people.link()
    with pytest.raises(LinkInvalid):
        people.call(Accounts, lambda it: it.change_email(secret))


def test_what_has_ended_is_forgotten(people: People, database: Location) -> None:
    """Every night goes what can never be used again."""
    people.member()
    people.sign_in()
    people.call(Accounts, lambda it: it.request_reset("anna@example.com"))
    people.mails()
    with pytest.raises(SignInRefused):
        people.sign_in(password=WRONG)
    rows(database, "UPDATE identity.session SET expires_at = now()")
    rows(database, "UPDATE identity.account_link SET expires_at = now()")
    rows(database, "UPDATE identity.attempt SET last_at = now() - interval '2 days'")
    people.call(AccountMails, lambda it: it.forget())
    for table in ("session", "account_link", "attempt"):
        assert rows(database, f"SELECT FROM identity.{table}") == []


def test_nobody_is_no_account(people: People) -> None:
    """What is asked about an account that is not there is refused."""
    nobody = people.host.new_id()
    for do in (
        lambda it: it.get(nobody),
        lambda it: it.rename(user_id=nobody, name="x", locale=None),
        lambda it: it.found_workspace(user_id=nobody, slug="x", name="x"),
    ):
        with pytest.raises(AccountNotFound):
            people.call(Accounts, do)
    with pytest.raises(AccountNotFound):
        people.call(Sessions, lambda it: it.open(user_id=nobody, user_agent="", address=""))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_without_its_end(address: str, network: str) -> None:
    """What is stored names a network, never one household's line."""
    assert network_of(address) == network
