"""Time series and funnels over HTTP: without gaps, broken down, of one workspace or of all."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.core.identity.contract import Tokens, UserSignedUp
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest
from qr.contract import DeviceClass

from .conftest import CARDS, AnalyticsClient, Counts, day


@pytest.fixture
def visited(
    counts: Counts, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> Counts:
    """Some days with visits, and others without."""
    counts.visit(workspace.id, "scans", times=4)
    counts.visit(workspace.id, times=2)
    counts.visit(workspace.id, device=DeviceClass.DESKTOP, card=CARDS[1])
    counts.happened(days_ago=2)
    counts.visit(workspace.id)
    counts.visit(other_workspace.id, times=7)
    counts.deliver()
    return counts


@pytest.mark.usefixtures("visited")
def test_a_series_has_no_gaps(analytics: AnalyticsClient) -> None:
    """A day without anything is a zero, from the first day asked for to the last."""
    found = analytics.get("/views", **{"from": day(3)})
    points = [3, 2, 1, 0]
    assert (found["from"], found["to"], found["total"]) == (day(3), day(), 4)
    (series,) = found["series"]
    assert series == {
        "value": None,
        "total": 4,
        "points": [
            {"day": day(ago), "count": count}
            for ago, count in zip(points, [0, 3, 0, 1], strict=True)
        ],
    }
    usual = analytics.get("/views")
    assert (usual["from"], usual["interval"]) == (day(29), "day")
    assert len(usual["series"][0]["points"]) == 30
    assert analytics.get("/saves")["series"][0]["total"] == 0


@pytest.mark.usefixtures("visited")
def test_a_series_is_broken_down_and_filtered(analytics: AnalyticsClient) -> None:
    """By the values of a dimension, the most frequent first; others are not looked at."""
    found = analytics.get("/views", group="device_class")
    assert [(item["value"], item["total"]) for item in found["series"]] == [
        ("mobile", 3),
        ("desktop", 1),
    ]
    named = analytics.get("/views", **{"filter[card_id][eq]": str(CARDS[1])})
    assert named["total"] == 1
    none = analytics.get(
        "/views", **{"filter[card_id][eq]": str(CARDS[1]), "filter[device_class][eq]": "mobile"}
    )
    assert (none["total"], none["series"][0]["total"]) == (0, 0)


@pytest.mark.usefixtures("visited")
@pytest.mark.parametrize("interval", ["week", "month"])
def test_longer_pieces_add_up_to_the_same(analytics: AnalyticsClient, interval: str) -> None:
    """Weeks begin on Monday, months on their first day; none is left out."""
    found = analytics.get("/views", interval=interval)
    (series,) = found["series"]
    assert sum(point["count"] for point in series["points"]) == found["total"] == 4
    days = [point["day"] for point in series["points"]]
    assert days == sorted(set(days))
    assert days[0] <= found["from"]


@pytest.mark.usefixtures("visited")
def test_the_funnel_says_which_part_went_on(analytics: AnalyticsClient) -> None:
    """Its steps are in their order, and what comes behind nothing is no part of it."""
    found = analytics.get("/funnel")
    steps = {item["metric"]: (item["count"], item["of_previous"]) for item in found["steps"]}
    assert [name for name in steps if name in {"scans", "views", "saves"}] == [
        "scans",
        "views",
        "saves",
    ]
    assert (steps["scans"], steps["views"], steps["saves"]) == ((4, None), (4, 1.0), (0, 0.0))
    before = analytics.get("/funnel", **{"from": "2020-01-01", "to": "2020-01-02"})
    assert {item["count"] for item in before["steps"]} == {0}


def test_values_beyond_the_most_frequent_are_added_up(
    analytics: AnalyticsClient, counts: Counts, workspace: WorkspaceUnderTest
) -> None:
    """However many cards there are, an answer shows twenty."""
    for number in range(23):
        card = type(CARDS[0])(int=100 + number)
        counts.visit(workspace.id, card=card, times=2 if number < 20 else 1)
    counts.deliver()
    found = analytics.get("/views", group="card_id")
    assert (len(found["series"]), found["others"], found["total"]) == (20, 3, 43)


@pytest.mark.usefixtures("visited")
def test_a_table_has_a_line_for_each_point(analytics: AnalyticsClient) -> None:
    """The numbers are those of the series."""
    answer = analytics.ask("/views/csv", group="device_class", **{"from": day(2)})
    assert answer.mimetype == "text/csv"
    assert 'filename="views.csv"' in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.data.decode())))
    answer.close()
    assert lines == [
        ["day", "device_class", "views"],
        [day(2), "mobile", "2"],
        [day(1), "mobile", "0"],
        [day(0), "mobile", "1"],
        [day(2), "desktop", "1"],
        [day(1), "desktop", "0"],
        [day(0), "desktop", "0"],
    ]


WRONG: list[tuple[str, dict[str, Any], int]] = [
    ("/zebras", {}, 404),
    ("/zebras/csv", {"interval": "x"}, 404),
    ("/views", {"interval": "hour"}, 400),
    ("/views", {"group": "colour"}, 422),
    ("/views", {"filter[colour][eq]": "red"}, 400),
    ("/views", {"filter[channel][prefix]": "p"}, 400),
    ("/views", {"from": "yesterday"}, 400),
    ("/views", {"from": day(), "to": day(1)}, 422),
    ("/views", {"from": "2020-01-01"}, 422),
    ("/views", {"from": "0001-01-01", "to": "9999-12-31"}, 400),
    ("/views", {"to": "9999-12-31"}, 400),
    ("/views", {"to": "0001-01-02"}, 400),
    ("/funnel", {"interval": "day"}, 400),
    ("/funnel", {"from": "2020-01-01"}, 422),
    ("/deployment/views", {}, 403),
    ("/deployment/funnel", {}, 403),
]


@pytest.mark.parametrize(("path", "query", "status"), WRONG)
def test_what_cannot_be_answered_is_refused(
    analytics: AnalyticsClient, path: str, query: dict[str, Any], status: int
) -> None:
    """Unknown metrics and dimensions, too many days, and numbers that are not one's own."""
    answer = analytics.ask(path, **query)
    assert answer.status_code == status, answer.text


def test_metrics_are_listed_with_their_modules(analytics: AnalyticsClient) -> None:
    """The steps of the funnel come first."""
    items = analytics.get()["items"]
    found = {item["name"]: item for item in items}
    assert [item["name"] for item in items if item["plugin"] == "qr"][:3] == [
        "scans",
        "views",
        "saves",
    ]
    assert found["scans"] == {
        "name": "scans",
        "title": "Scans",
        "plugin": "qr",
        "dimensions": ["card_id", "channel", "device_class"],
        "funnel": 10,
    }


@pytest.mark.usefixtures("visited")
def test_an_operator_sees_all_of_the_deployment(
    counts: Counts, host: Host, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """The numbers of all workspaces, and of what belongs to none; no card is told apart."""
    counts.visit(None, times=5)
    counts.deliver()
    headers = operator_headers(host, workspace)

    def get(path: str, **query: str) -> Any:
        answer = client.get(
            f"/api/v1/analytics/deployment{path}", query_string=query, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return answer.json

    assert get("/views")["total"] == 4 + 7 + 5
    steps = {item["metric"]: item["count"] for item in get("/funnel")["steps"]}
    assert (steps["scans"], steps["views"]) == (4, 16)
    cards = get("/views", group="card_id")["series"]
    assert [(item["value"], item["total"]) for item in cards] == [(None, 16)]


def test_a_sign_up_is_a_step_of_the_deployment_alone(
    counts: Counts, host: Host, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """It belongs to no workspace: an operator sees it, and no workspace a zero in its place."""
    with host.scope(plugin="identity"):
        host.publish([UserSignedUp(user_id=host.new_id())])
    counts.happened_at_noon()
    counts.deliver()
    headers = operator_headers(host, workspace)

    def get(path: str) -> dict[str, Any]:
        answer = client.get(f"/api/v1/analytics{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    here, everywhere = get("/funnel")["steps"], get("/deployment/funnel")["steps"]
    assert "sign_ups" not in {item["metric"] for item in here}
    assert {item["metric"]: item["count"] for item in everywhere}["sign_ups"] == 1
    assert client.get("/api/v1/analytics/sign_ups", headers=headers).status_code == 404
    assert get("/deployment/sign_ups")["total"] == 1
    assert "sign_ups" not in {item["name"] for item in get("")["items"]}
    assert "sign_ups" in {item["name"] for item in get("/deployment")["items"]}


def operator_headers(host: Host, workspace: WorkspaceUnderTest) -> dict[str, str]:
    """Return the headers of who runs the deployment."""
    with workspace.acting_as("identity"):
        token = host.service(Tokens).issue(
            user_id=workspace.owner_id, name="operator", operator=True
        )
    return {"Authorization": f"Bearer {token.secret}"}
