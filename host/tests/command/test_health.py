"""`meishi health`: a line for each check, and an exit code for scripts."""

from __future__ import annotations

import json

import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.once

SHOP = """
from meishi.sdk.plugin import *
@hookimpl
def health():
    return [HealthCheck(name="mail", title="Mail", check=ping)]
def ping():
"""


@pytest.fixture
def shop(packages: PluginPackages, monkeypatch: pytest.MonkeyPatch) -> PluginPackages:
    """A plugin that is active, once it is written."""
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    return packages


def test_a_deployment_without_checks_is_well(migrated: Location, run: Run) -> None:
    """There is nothing to list."""
    result = run("health")
    assert (result.code, result.out) == (0, "All plugins are well; none has checks.\n")


@pytest.mark.parametrize(("status", "code"), [("OK", 0), ("DEGRADED", 0), ("FAILING", 1)])
def test_a_script_learns_whether_something_is_failing(
    migrated: Location, run: Run, shop: PluginPackages, status: str, code: int
) -> None:
    """What works less well than it should is told, and is no failure."""
    said = f"    return HealthReport(status=HealthStatus.{status}, message='Look there.')\n"
    shop.add("shop", plugin=SHOP + said)
    result = run("health")
    assert (result.code, result.err) == (code, "")
    assert result.out.splitlines()[1].split()[:3] == ["shop", "mail", status.lower()]
    result = run("health", "--json")
    assert result.code == code
    (check,) = json.loads(result.out)["checks"]
    assert (check["plugin"], check["message"]) == ("shop", "Look there.")
