"""Working in a workspace from the command line, one unit of work at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meishi.command.deployment import current_deployment
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.core.identity.contract import Workspace
    from meishi.host import Host
    from meishi.lifecycle.loading import PluginSet

F = TypeVar("F", bound=Callable[..., Any])


def workspace_option(function: F) -> F:
    """Add `--workspace SLUG` to a command; without it, the only workspace is meant."""
    option = click.option(
        "--workspace", metavar="SLUG", help="The workspace to work in; optional if there is one."
    )
    return option(function)


class WorkspaceSession:
    """A workspace in which an operator's command works as a plugin's code."""

    def __init__(self, host: Host, workspace: Workspace, plugin: str) -> None:
        self._host = host
        self._workspace = workspace
        self._plugin = plugin

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's settings."""
        return self._host.plugins.contributions[self._plugin].settings

    def unit_of_work(self) -> AbstractContextManager[object]:
        """Open a unit of work; it is committed at the end of the block."""
        return self._host.scope(workspace=self._workspace.id, plugin=self._plugin)


@contextmanager
def working_in(slug: str | None, *, plugin: str) -> Iterator[WorkspaceSession]:
    """Work in a workspace, the only one if no slug is given, as code of `plugin`."""
    from meishi.core.identity.contract import Workspaces

    host = current_deployment().host()
    refuse_elsewhere(host.plugins, plugin)
    with host.scope():
        workspaces = host.calls.get(Workspaces).all()
    workspace = _chosen(workspaces, slug)
    if not host.is_on(plugin, workspace.id):
        raise OperatorError(
            f"The plugin {plugin} is switched off in the workspace {workspace.slug!r}.",
            hint="`meishi plugins` lists all states; `meishi plugins enable` switches one on.",
        )
    yield WorkspaceSession(host, workspace, plugin)


def refuse_elsewhere(plugins: PluginSet, plugin: str) -> None:
    """Raise if a plugin runs elsewhere: what it has here, if anything, is nobody's any more."""
    url = plugins.url_of(plugin)
    if url is not None and not plugins.statuses[plugin].built_in:
        command = plugins.contributions[plugin].manifest.prefix
        raise OperatorError(
            f"`{command}` is the plugin {plugin}, which runs at {url}.",
            hint="Run it there, with the settings of that side.",
        )


def chosen_workspace(slug: str) -> Workspace:
    """Return the workspace with a slug; raise if there is none."""
    from meishi.core.identity.contract import Workspaces

    host = current_deployment().host()
    with host.scope():
        return _chosen(host.calls.get(Workspaces).all(), slug)


def _chosen(workspaces: Sequence[Workspace], slug: str | None) -> Workspace:
    if not workspaces:
        raise OperatorError("There is no workspace yet.", hint="`meishi init` creates the first.")
    if slug is None:
        if len(workspaces) > 1:
            names = ", ".join(item.slug for item in workspaces)
            raise OperatorError("There are several workspaces.", hint=f"--workspace: {names}.")
        return workspaces[0]
    for workspace in workspaces:
        if workspace.slug == slug:
            return workspace
    names = ", ".join(item.slug for item in workspaces)
    raise OperatorError(f"There is no workspace {slug!r}.", hint=f"There are: {names}.")
