"""The first start: one owner, made by whoever started the server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from meishi.core.identity.contract import (
    AccountNotFound,
    Accounts,
    AlreadySetUp,
    LinkInvalid,
    Setup,
    Workspaces,
)
from meishi.testing.fixtures import found_workspace

from .people import PASSWORD, People


def link(people: People) -> str:
    """Return the secret of a set-up link."""
    return str(people.call(Setup, lambda it: it.link())).partition("token=")[2]


def test_the_owner_of_the_server_sets_it_up(people: People) -> None:
    """The link makes one owner, who runs the deployment and can sign in."""
    assert people.call(Setup, lambda it: it.needed())
    secret = link(people)
    assert people.call(Setup, lambda it: it.is_open(secret))
    with pytest.raises(LinkInvalid):
        people.set_up("x")
    boss = people.set_up(secret)
    account = people.call(Accounts, lambda it: it.get(boss))
    assert account.operator
    assert account.verified
    (place,) = people.call(Accounts, lambda it: it.workspaces_of(boss))
    assert (place.slug, place.role.value) == ("main", "owner")
    assert people.sign_in("boss@example.com").secret
    assert not people.call(Setup, lambda it: it.needed())
    for again in (lambda: people.set_up(secret), lambda: link(people)):
        with pytest.raises(AlreadySetUp):
            again()


def test_of_several_who_set_up_at_once_one_wins(people: People) -> None:
    """Two owners are never made, whatever their links."""
    secrets, together = [link(people) for _ in range(3)], Barrier(3)

    def try_it(number: int) -> bool:
        together.wait()
        try:
            people.set_up(secrets[number], f"boss{number}@example.com")
        except AlreadySetUp:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(try_it, range(3))) == [False, False, True]
    with people.host.scope():
        assert len(people.host.calls.get(Workspaces).all()) == 1


def test_who_was_made_on_the_command_line_keeps_the_workspace(people: People) -> None:
    """An owner without a password gets one, and no second workspace."""
    made = found_workspace(people.host, "one")
    assert people.set_up(link(people), "owner@one.example") == made.owner_id
    (place,) = people.call(Accounts, lambda it: it.workspaces_of(made.owner_id))
    assert place.slug == "one"


def test_an_operator_gives_a_password(people: People) -> None:
    """The first with a password runs the deployment; the next is whoever they were."""
    found_workspace(people.host, "one")
    found_workspace(people.host, "two")

    def give(email: str) -> None:
        people.call(Setup, lambda it: it.give_password(email=email, password=PASSWORD))

    give("owner@one.example")
    give("owner@two.example")
    with pytest.raises(AccountNotFound):
        give("nobody@example.com")
    operators = []
    for name in ("one", "two"):
        opened = people.sign_in(f"owner@{name}.example")
        whose = people.whose(opened.secret)
        assert whose is not None
        operators.append(whose.operator)
    assert operators == [True, False]


def test_a_stranger_does_not_keep_the_owner_out(people: People) -> None:
    """Who opens an account before the set-up neither ends it nor runs the deployment."""
    secret = link(people)
    stranger = people.member("stranger@example.com")
    assert people.call(Setup, lambda it: it.needed())
    boss = people.set_up(secret)
    assert people.call(Accounts, lambda it: it.get(boss)).operator
    assert not people.call(Accounts, lambda it: it.get(stranger)).operator
