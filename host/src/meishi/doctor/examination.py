"""The examination: all that the doctor looks at, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.calls.failures import CallFailed
from meishi.core.identity.contract import Workspaces
from meishi.doctor.configured import configuration_findings, level_findings
from meishi.doctor.delivery import mail_findings, parked_findings
from meishi.doctor.findings import Finding
from meishi.doctor.rights import right_findings
from meishi.doctor.services import followed_findings, moved_findings, service_findings
from meishi.doctor.states import schema_findings, state_findings
from meishi.doctor.stored import stored_schemas
from meishi.doctor.work import job_findings, operation_findings, purge_findings
from meishi.host import HOST, Host
from meishi.lifecycle.states import PluginState


def examine(host: Host, *, network: bool) -> Iterator[Finding]:
    """Yield what is out of order in a deployment whose plugins have their states.

    The host is wired on the way. Where its own parts do not run, what they know is left out.
    """
    plugins = host.plugins
    if plugins.statuses[HOST].state is not PluginState.ACTIVE:
        yield from state_findings([plugins.statuses[HOST]], {})
        return
    stored = stored_schemas(host)
    yield from state_findings(plugins.statuses.values(), stored)
    yield from schema_findings(plugins, stored)
    yield from right_findings(host, [name for name in stored if name in plugins.contributions])
    yield from purge_findings(host)
    yield from configuration_findings(host)
    yield from mail_findings(host.settings, network=network)
    yield from service_findings(host)
    built_in = [status for status in plugins.statuses.values() if status.built_in]
    if all(status.state is PluginState.ACTIVE for status in built_in):
        yield from _of_running_parts(host)


def _of_running_parts(host: Host) -> Iterator[Finding]:
    host.wire()
    yield from moved_findings(host)
    yield from followed_findings(host)
    try:
        with host.scope():
            workspaces = host.service(Workspaces).all()
    except CallFailed:
        # Only the main deployment knows them, and that it does not answer was said.
        workspaces = ()
    yield from parked_findings(host)
    yield from job_findings(host)
    yield from operation_findings(host, workspaces)
    yield from level_findings(host, workspaces)
