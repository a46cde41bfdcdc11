"""What analytics counts of referrals: sign-ups belong to no workspace, those it led to do."""

from __future__ import annotations

from flask.testing import FlaskClient

from crm_viral.contract import ReferralConverted
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Host


def test_a_conversion_ends_the_funnel_of_its_workspace(
    host: Host,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
) -> None:
    """It counts where the referral was made, and nowhere else."""
    deliver_events()
    ids = {
        name: host.new_id()
        for name in ("conversion_id", "programme_id", "link_id", "referrer_id", "referee_id")
    }
    with workspace.acting_as("crm_viral"):
        host.publish([ReferralConverted(**ids)])
    deliver_events()

    def steps(headers: dict[str, str]) -> dict[str, int]:
        answer = client.get("/api/v1/analytics/funnel", headers=headers)
        return {item["metric"]: item["count"] for item in (answer.json or {})["steps"]}

    assert list(steps(workspace.headers).items())[-1] == ("conversions", 1)
    assert steps(other_workspace.headers)["conversions"] == 0
