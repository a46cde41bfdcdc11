"""A sample programme: a past that could have been, made by the services that everybody uses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crm_viral.contract import (
    Cohort,
    Conversions,
    Participation,
    Programmes,
    Rewards,
    Sample,
    SampleExists,
    Touches,
)
from crm_viral.sample_history import history
from meishi.sdk.context import service
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest


@pytest.mark.no_calls
@pytest.mark.parametrize("seed", range(20))
def test_a_history_makes_sense(seed: int) -> None:
    """Nobody signs up before they followed a link of somebody who had joined by then."""
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    now = begins + timedelta(days=75)
    joined: set[int | None] = set()
    touched: set[int | None] = set()
    moment = begins
    for item in history(Random(seed), begins, now, founders=5):
        assert moment <= item.at < now
        moment = item.at
        if item.joins:
            joined.add(item.person)
        elif item.channel:
            assert item.led_by in joined
            touched.add(item.person)
        else:
            assert item.person in touched
    assert set(range(5)) <= joined


def test_a_sample_programme_has_a_past_that_adds_up(
    workspace: WorkspaceUnderTest, deliver_events: EventDeliveries
) -> None:
    """Conversions are owed to links that were followed, rewards to conversions, and K to both."""
    with workspace.acting_as("crm_viral"):
        programme = service(Sample).begin()
    deliver_events()
    with workspace.acting_as("crm_viral"):
        conversions = service(Conversions).list(limit=200).items
        rewards = service(Rewards).list(limit=200).items
        participants = service(Participation).participants(limit=200).items
        touches = service(Touches).list(limit=200, with_total=True)
        assert len(conversions) > 5
        assert len({reward.conversion_id for reward in rewards}) == len(conversions)
        assert sum(item.earned for item in participants) == sum(it.amount for it in rewards)
        assert (touches.total or 0) > len(conversions)
        assert programme.spent == 750 * len(conversions)
        assert conversions[0].converted_at < conversions[-1].converted_at
        cohort = Cohort(
            programme_id=programme.id,
            since=programme.rules.starts_at,
            until=programme.rules.starts_at + timedelta(days=75),
        )
        growth = service(Programmes).growth(cohort)
        assert growth.k is not None
        assert growth.k_low is not None
        assert growth.k_high is not None
        assert 0 < growth.k_low <= growth.k <= growth.k_high


def test_a_sample_mixes_with_no_programme(workspace: WorkspaceUnderTest) -> None:
    """Where there is a programme, nothing is made."""
    with workspace.acting_as("crm_viral"):
        service(Sample).begin()
    with workspace.acting_as("crm_viral"), pytest.raises(SampleExists):
        service(Sample).begin()
