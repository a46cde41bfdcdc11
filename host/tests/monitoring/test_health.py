"""Health: every check has its say within its limit, whatever the others do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from meishi.monitoring.health import CheckResult
from meishi.switches.interface import PluginSwitches
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Boot, module


def checking(body: str, **options: Any) -> str:
    """Return the code of a plugin with one check."""
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return (
        f"def ping():\n    asked.append(1)\n    {body}\n"
        "@hookimpl\ndef health():\n"
        f"    return [HealthCheck(name='mail', title='Mail', check=ping{given})]\n"
    )


WELL = checking("return HealthReport(status=HealthStatus.OK)")
HANGING = checking("going_on.wait()", limit_seconds=1, fresh_seconds=0)
#: Seconds that a test waits for what must come; nothing is measured by them.
PATIENCE = 60.0


def results(app: Flask) -> dict[str, CheckResult]:
    """Return what the check of each plugin says."""
    found = app.extensions["meishi"].health.summary()
    return {item.plugin: item for item in found.checks}


def until(condition: Callable[[], object]) -> None:
    """Return once something is so that comes by itself; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"


def test_what_a_check_says_is_shown_to_operators(boot: Boot, operator: dict[str, str]) -> None:
    """Status and sentence as they are, and the worst status for all."""
    slow = "return HealthReport(status=HealthStatus.DEGRADED, message='Slow:\\n look there.')"
    app = boot(shop=WELL, post=checking(slow))
    answer = app.test_client().get("/api/v1/health", headers=operator)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "degraded"
    shown = {item.pop("plugin"): item for item in answer.json["checks"]}
    assert isinstance(shown["shop"].pop("milliseconds"), int)
    assert shown["shop"] == {"name": "mail", "title": "Mail", "status": "ok", "message": ""}
    assert shown["post"]["message"] == "Slow: look there."


def test_nobody_but_operators_asks(boot: Boot, workspace: WorkspaceUnderTest) -> None:
    """An owner of a workspace learns nothing about the deployment, and asks no plugin."""
    app = boot(shop=WELL)
    assert app.test_client().get("/api/v1/health", headers=workspace.headers).status_code == 403
    assert module("shop").asked == []


def test_a_plugin_that_is_off_is_not_asked(boot: Boot) -> None:
    """Neither for its health nor for its numbers, it may be off for that."""
    app = boot(shop=WELL, post=WELL)
    host = app.extensions["meishi"]
    with host.within("meishi_plugins"):
        host.service(PluginSwitches).switch("shop", on=False)
    host.switches.refresh()
    assert {*results(app)} == {"post"}
    assert module("shop").asked == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise RuntimeError('no route')", "It raised RuntimeError('no route')."),
        ("raise SystemExit(1)", "It raised SystemExit(1)."),
        ("return 'well'", "It must return a HealthReport, not a str."),
        ("return HealthReport(status='ok')", "It returned a HealthReport without a HealthStatus"),
        (
            "from meishi.sdk.database import execute; execute('SELECT * FROM identity.workspace')",
            "It raised ",
        ),
    ],
)
def test_a_check_that_fails_is_failing_with_a_sentence(boot: Boot, body: str, message: str) -> None:
    """Whatever it raises or returns, reaching for others' tables included, is its own failure."""
    found = results(boot(shop=checking(body), post=WELL))
    assert found["shop"].status == "failing"
    assert found["shop"].message.startswith(message)
    assert found["post"].status == "ok"


def test_a_check_that_hangs_is_asked_once_and_costs_no_other(boot: Boot) -> None:
    """It is failing until it ends, and nobody starts a second one; then it is asked anew."""
    app = boot(shop=HANGING, post=WELL)
    until(lambda: results(app) and module("shop").asked)
    for _ in range(3):
        found = results(app)
        assert found["shop"].message == "It took longer than its limit of 1 s."
        assert found["post"].status == "ok"
    assert module("shop").asked == [1]
    (hanging,) = [item for item in threading.enumerate() if item.name == "probe of shop"]
    module("shop").going_on.set()
    hanging.join()
    anew = "It must return a HealthReport, not a NoneType."
    # On a machine that stands still for so long, it is late once more.
    until(lambda: results(app)["shop"].message == anew)
    assert len(module("shop").asked) > 1


def test_a_check_runs_as_its_plugins_code(boot: Boot) -> None:
    """In a unit of work of its own, in no workspace, as that of nobody."""
    body = (
        "from meishi.context import current_scope as scope\n"
        "    place = f'{scope().work.plugin} {scope().workspace_id} {scope().actor.user_id}'\n"
        "    return HealthReport(status=HealthStatus.OK, message=place)"
    )
    assert results(boot(shop=checking(body)))["shop"].message == "shop None None"


def test_checks_run_side_by_side(boot: Boot) -> None:
    """One that waits for another one comes back."""
    waiting = (
        "status = HealthStatus.OK if going_on.wait(4) else HealthStatus.FAILING\n"
        "    return HealthReport(status=status)"
    )
    freeing = "import shop.plugin\n    shop.plugin.going_on.set()\n    return HealthReport(status="
    found = results(boot(shop=checking(waiting), zoo=checking(freeing + "HealthStatus.OK)")))
    assert {item.status.value for item in found.values()} == {"ok"}


def test_an_answer_is_given_again_while_it_is_fresh(boot: Boot) -> None:
    """Who asks often does not ask the plugin more often than it wants."""
    fresh = checking("return HealthReport(status=HealthStatus.OK)", fresh_seconds=3600)
    stale = checking("return HealthReport(status=HealthStatus.OK)", fresh_seconds=0)
    app = boot(shop=fresh, post=stale)
    results(app)
    results(app)
    assert (len(module("shop").asked), len(module("post").asked)) == (1, 2)


def test_a_broken_plugin_is_failing(boot: Boot) -> None:
    """What cannot even be asked is not well; the rest is asked, and `/health` answers in brief."""
    app = boot(shop="raise ImportError('no such thing')", post=WELL)
    found = results(app)
    assert (found["shop"].name, found["shop"].status.value) == ("state", "failing")
    assert found["shop"].message.startswith("broken: importing shop.plugin raised")
    assert found["post"].status == "ok"
    assert app.test_client().get("/health").json == {"status": "degraded"}


def test_a_load_balancer_asks_no_plugin(boot: Boot) -> None:
    """`/health` costs one statement, whatever plugins check."""
    app = boot(shop=HANGING)
    assert app.test_client().get("/health").json == {"status": "ok"}
    assert module("shop").asked == []


def test_two_checks_of_one_name_are_refused(boot: Boot) -> None:
    """Nobody could tell which one is meant."""
    code = WELL.replace("[HealthCheck", "2 * [HealthCheck")
    status = boot(shop=code).extensions["meishi"].plugins.statuses["shop"]
    assert status.reason == "health check 'shop.mail' is declared twice"
