"""Attribution: which touch counts, by law; and who can be owed a sign-up at all."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_viral.attribution import Followed, closes_ring, last_click
from crm_viral.codes import code_in, new_code, new_visitor, referral_in
from crm_viral.contract import Verdict
from crm_viral.visitors import is_program, tag_in

from .conftest import moment

pytestmark = pytest.mark.no_calls

NOW = moment("2026-06-01")
WINDOW = timedelta(days=30)
ME, OTHER = UUID(int=1), UUID(int=2)


def touch(number: int, days: float, referrer: UUID = OTHER) -> Followed:
    """Return a touch so many days before the sign-up."""
    return Followed(
        touch_id=UUID(int=number),
        link_id=UUID(int=100 + number),
        referrer_id=referrer,
        at=NOW - timedelta(days=days),
    )


def test_each_touch_that_lost_says_why() -> None:
    """Too old, after the sign-up, one's own, earlier: and the last of the others has won."""
    touches = [touch(1, 40), touch(2, 9), touch(3, 3), touch(4, 1, ME), touch(5, -1)]
    won, weighed = last_click(touches, referee_id=ME, at=NOW, window=WINDOW)
    assert won == touches[2]
    assert [it.verdict for it in weighed] == [
        Verdict.TOO_OLD,
        Verdict.EARLIER,
        Verdict.LAST,
        Verdict.OWN_LINK,
        Verdict.AFTER_SIGN_UP,
    ]


@pytest.mark.parametrize(("days", "counts"), [(30, False), (29.999, True), (0, True)])
def test_the_window_is_open_at_its_far_end(days: float, counts: bool) -> None:
    """What was followed exactly a window ago is too old; in the moment of the sign-up it counts."""
    won, _ = last_click([touch(1, days)], referee_id=ME, at=NOW, window=WINDOW)
    assert (won is not None) == counts


_TOUCH = st.tuples(st.integers(-5, 60), st.sampled_from([ME, OTHER]))


@given(st.lists(_TOUCH, max_size=8), st.data())
def test_the_order_in_which_touches_are_found_does_not_matter(
    found: list[tuple[int, UUID]], data: st.DataObject
) -> None:
    """One wins whenever one counts, never one's own; and nothing that counts is later."""
    touches = [touch(number, days, who) for number, (days, who) in enumerate(found)]
    shuffled = data.draw(st.permutations(touches))
    won, weighed = last_click(touches, referee_id=ME, at=NOW, window=WINDOW)
    assert last_click(shuffled, referee_id=ME, at=NOW, window=WINDOW) == (won, weighed)
    counting = [it for it in touches if it.referrer_id != ME and NOW - WINDOW < it.at <= NOW]
    assert won == max(counting, key=lambda it: (it.at, it.touch_id), default=None)
    assert [it.verdict for it in weighed].count(Verdict.LAST) == bool(counting)


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 9)), st.integers(0, 9), st.integers(0, 9))
def test_a_ring_is_found_however_long_it_is(
    ties: dict[int, int], referrer: int, referee: int
) -> None:
    """It is closed exactly where following referrers leads from one to the other, and it ends."""
    reached, at = {referrer}, referrer
    while (at := ties.get(at, -1)) not in reached | {-1}:
        reached.add(at)
    people = {UUID(int=key): UUID(int=value) for key, value in ties.items()}
    assert closes_ring(UUID(int=referrer), UUID(int=referee), people) == (referee in reached)


@given(st.integers(0, 2**50 - 1), st.integers(0, 2**128 - 1))
def test_a_code_is_read_however_it_is_written(number: int, visitor: int) -> None:
    """Small letters, look-alikes and hyphens mean the same code, and a referral is read back."""
    code = new_code(lambda _: number)
    assert code_in(code) == code
    assert code_in(f"{code[:5]}-{code[5:]}".lower().replace("1", "l").replace("0", "o")) == code
    who = new_visitor(lambda _: visitor)
    found = referral_in(f"{code}.{who}")
    assert found is not None
    assert (found.code, found.visitor, str(found)) == (code, who, f"{code}.{who}")


@pytest.mark.parametrize("text", ["", ".", "SHORT", "7V3K9Q2M4U", "7V3K9Q2M4X.zz", "é" * 10])
def test_what_is_none_of_ours_is_no_referral(text: str) -> None:
    """Another plugin may have words of its own."""
    assert referral_in(text) is None


def test_programs_are_no_visitors_and_tags_are_short() -> None:
    """Previews of messengers leave nothing, and a query says no more than a word."""
    assert is_program("WhatsApp/2.23")
    assert not is_program("Mozilla/5.0 (iPhone) Safari")
    assert (tag_in("Mail"), tag_in("a b"), tag_in("x" * 41), tag_in(None)) == (
        "mail",
        None,
        None,
        None,
    )
