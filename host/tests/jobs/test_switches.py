"""Switches and jobs: where a plugin is off its jobs wait, and schedules ask for none."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from meishi.switches.interface import PluginSwitches
from meishi.testing.fixtures import found_workspace
from meishi.testing.jobs import JobRuns

from .conftest import Foundry
from .foundry import FOUNDRY

MONDAY = datetime(2026, 3, 2, 3, 15, tzinfo=UTC)


def switch(foundry: Foundry, *, on: bool, workspace: UUID | None = None) -> None:
    """Switch the foundry, for the deployment or for a workspace."""
    with foundry.host.scope(workspace=workspace, plugin="meishi_plugins"):
        switches = foundry.host.service(PluginSwitches)
        if workspace is None:
            switches.switch(FOUNDRY, on=on)
        else:
            switches.switch_here(FOUNDRY, on=on)
    foundry.host.switches.refresh()


def test_jobs_wait_for_a_plugin_that_is_off(foundry: Foundry, run: JobRuns) -> None:
    """They run as soon as it is on."""
    foundry.request("cast", thing="bell")
    switch(foundry, on=False)
    assert run() == []
    assert foundry.states() == ["todo"]
    switch(foundry, on=True)
    run()
    assert foundry.states() == ["succeeded"]


def test_jobs_wait_in_the_workspace_where_a_plugin_is_off(foundry: Foundry, run: JobRuns) -> None:
    """No attempt is counted; it is looked at again later."""
    foundry.request("cast", thing="bell")
    switch(foundry, on=False, workspace=foundry.workspace.id)
    assert run() == []
    assert foundry.states() == ["todo"]
    assert foundry.rows("SELECT failures FROM meishi_jobs.run") == [(0,)]
    switch(foundry, on=True, workspace=foundry.workspace.id)
    foundry.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET scheduled_at = now()")
    run()
    assert foundry.states() == ["succeeded"]


def test_schedules_ask_for_nothing_where_a_plugin_is_off(foundry: Foundry, run: JobRuns) -> None:
    """Neither in one workspace nor, when it is off for all, anywhere."""
    other = found_workspace(foundry.host, "two").id
    switch(foundry, on=False, workspace=foundry.workspace.id)
    ran = {item.workspace for item in run(at=MONDAY) if item.job == "foundry.sweep"}
    assert ran == {other}
    switch(foundry, on=False)
    assert run(at=MONDAY.replace(day=9)) == []
