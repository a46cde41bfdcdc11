"""The ledger: nothing twice, nothing beyond cap and budget, and no line that changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import ProgrammingError

from crm_viral.contract import Arrival, Conversions, Grant, ProgrammeRules
from crm_viral.granting import Purse
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .conftest import Json, Strangers, Viral, moment

AMOUNTS = st.integers(0, 1000)
LIMITS = st.none() | st.integers(0, 3000)


def test_a_conversion_that_fifty_threads_hear_of_grants_once(
    viral: Viral, strangers: Strangers, workspace: WorkspaceUnderTest, run: Callable[..., list[Any]]
) -> None:
    """Each works on the sign-up in a transaction of its own; one decides, the others see it."""
    link = viral.link(viral.programme())
    arrival = arrives(link, workspace.host.new_id())
    threads, rounds = 10, 5
    together = Barrier(threads, timeout=30)

    def hear() -> None:
        for _ in range(rounds):
            together.wait()
            with workspace.acting_as("crm_viral"):
                service(Conversions).convert((arrival,))

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(hear) for _ in range(threads)]:
            done.result()
    assert len(viral.items("conversions")) == 1
    assert run("SELECT kind, rule, amount FROM crm_viral.entry") == [("accrue", "referrer", 500)]
    assert viral.items("programmes")[0]["spent"] == 800
    assert viral.items("participants")[0]["earned"] == 500


def test_many_who_come_at_once_do_not_spend_more_than_there_is(
    viral: Viral, workspace: WorkspaceUnderTest, run: Callable[..., list[Any]]
) -> None:
    """Cap and budget hold over threads and within a batch; what was withheld is said."""
    link = viral.link(viral.programme(person_cap=1500, budget=3000))
    new_id = workspace.host.new_id
    batches = [tuple(arrives(link, new_id()) for _ in range(4)) for _ in range(5)]
    together = Barrier(len(batches), timeout=30)

    def hear(batch: tuple[Arrival, ...]) -> None:
        together.wait()
        with workspace.acting_as("crm_viral"):
            service(Conversions).convert(batch)

    with ThreadPoolExecutor(len(batches)) as pool:
        list(pool.map(hear, batches))
    found = viral.items("conversions?limit=200")
    assert len(found) == 20
    grants = [reward["grant"] for it in found for reward in it["rewards"]]
    assert (grants.count("granted"), grants.count("person_cap"), grants.count("budget")) == (
        3 + 5,
        17,
        15,
    )
    assert run("SELECT sum(amount) FROM crm_viral.entry") == [(1500,)]
    assert viral.items("programmes")[0]["spent"] == 3000


@given(
    st.builds(
        ProgrammeRules,
        name=st.just("x"),
        starts_at=st.just(moment("2026-01-01")),
        referrer_reward=AMOUNTS,
        referee_reward=AMOUNTS,
        person_cap=LIMITS,
        budget=LIMITS,
    ),
    st.integers(1, 12),
)
@pytest.mark.no_calls
def test_a_purse_never_gives_more_than_was_promised(rules: ProgrammeRules, times: int) -> None:
    """Cap and budget hold, the sum is what was given, and nothing is given in part."""
    purse, earned, given_out = Purse(rules, spent=0), 0, 0
    for _ in range(times):
        to_referrer, to_referee = purse.grant(earned)
        assert to_referrer.amount in {0, rules.referrer_reward}
        assert to_referee.amount in {0, rules.referee_reward}
        assert (to_referrer.grant is Grant.GRANTED) == (to_referrer.amount > 0)
        earned += to_referrer.amount
        given_out += to_referrer.amount + to_referee.amount
    assert purse.spent == given_out
    assert rules.budget is None or given_out <= rules.budget
    assert rules.person_cap is None or earned <= rules.person_cap


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE crm_viral.entry SET amount = 1",
        "DELETE FROM crm_viral.entry",
        "UPDATE crm_viral.entry SET at = now() WHERE false",
    ],
)
def test_no_line_of_the_ledger_changes(
    viral: Viral, strangers: Strangers, run: Callable[..., list[Any]], statement: str
) -> None:
    """Not even who owns the table changes or deletes one; a reversal is a line of its own."""
    strangers.sign_up(strangers.follow(viral.link(viral.programme())))
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        run(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE crm_viral.entry SET amount = 1", "DELETE FROM crm_viral.entry"]
)
def test_our_own_code_has_no_right_to_change_the_ledger(
    workspace: WorkspaceUnderTest, plugin_host: Host, statement: str
) -> None:
    """It is not the trigger that refuses: the role may only read lines and add them."""
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        plugin_host.scope(workspace=workspace.id, plugin="crm_viral"),
    ):
        execute(statement)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE crm_viral.conversion SET referee_id = referrer_id",
            "conversion_self_referral_check",
        ),
        (
            (
                "INSERT INTO crm_viral.conversion SELECT workspace_id, gen_random_uuid(),"
                " programme_id, participant_id, link_id, touch_id, referrer_id, referee_id, method,"
                " 9, explanation, 0, 0, NULL, now(), NULL, 1 FROM crm_viral.conversion"
            ),
            "conversion_workspace_id_programme_id_referee_id_key",
        ),
        (
            (
                "INSERT INTO crm_viral.entry SELECT workspace_id, gen_random_uuid(), kind, rule,"
                " programme_id, conversion_id, beneficiary_id, amount, unit, 9, NULL, now()"
                " FROM crm_viral.entry"
            ),
            "entry_workspace_id_kind_rule_conversion_id_beneficiary_id_key",
        ),
    ],
)
def test_the_tables_say_it_too(
    viral: Viral,
    strangers: Strangers,
    run: Callable[..., list[Any]],
    statement: str,
    constraint: str,
) -> None:
    """Nobody refers themselves, is bound twice, or is rewarded twice under newer rules."""
    strangers.sign_up(strangers.follow(viral.link(viral.programme())))
    with pytest.raises(psycopg.errors.IntegrityError) as refused:
        run(statement)
    assert refused.value.diag.constraint_name == constraint


def arrives(link: Json, user_id: UUID) -> Arrival:
    """Return a sign-up with a typed code."""
    return Arrival(
        user_id=user_id,
        link_id=UUID(link["id"]),
        visitor=None,
        at=datetime(2026, 6, 1, tzinfo=UTC),
    )
