"""Where a plugin's code runs: who acts, in which workspace; calling others and publishing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from meishi.context import Actor, current_scope, enter_scope
from meishi.sdk.contract import Event

P = TypeVar("P")
R = TypeVar("R")

__all__ = [
    "Actor",
    "aside",
    "beside",
    "current_actor",
    "current_settings",
    "current_workspace",
    "has_workspace",
    "publish",
    "publish_to",
    "service",
]


def current_actor() -> Actor:
    """Return who acts."""
    return current_scope().actor


def current_workspace() -> UUID:
    """Return the workspace in which the caller runs; raises outside of any."""
    workspace = current_scope().workspace_id
    if workspace is None:
        raise LookupError("this code must run inside a workspace")
    return workspace


def has_workspace() -> bool:
    """Whether the caller runs inside a workspace, and not for the whole deployment."""
    return current_scope().workspace_id is not None


def current_settings() -> Mapping[str, Any]:
    """Return the running plugin's settings, validated, as they hold here and for who acts.

    What the user sets is before what the workspace sets, and that before the deployment's. They
    are read when they are first asked for in a unit of work: ask where you need them, and not
    in the constructor of a service.
    """
    scope = current_scope()
    return scope.host.settings_of(scope.work.plugin)


def service(protocol: type[P]) -> P:
    """Return the service behind a contract's Protocol, wherever it runs."""
    return current_scope().host.service(protocol)


def publish(*events: Event) -> None:
    """Publish events of the running plugin in the current transaction.

    Listeners inside the transaction hear them now and may veto; the log gets them with the
    commit, or not at all.
    """
    current_scope().host.publish(events)


def publish_to(workspace_id: UUID | None, *events: Event) -> None:
    """Publish events of the running plugin that are addressed to a workspace, or to none.

    They are logged there with this transaction's commit, and durable handlers hear them there;
    nothing else of the caller comes along, not even who acts. None stands for the deployment.
    A class that is heard inside the transaction is refused: its listeners run where the caller is.
    """
    current_scope().host.publish_to(workspace_id, events)


def beside(work: Callable[[], R]) -> Callable[[], R]:
    """Return `work` such that another thread may run it, as this plugin in this workspace.

    It runs in a short transaction of its own, each time and in each thread that runs it; what
    was written here and is not committed yet, it does not see.
    """
    scope = current_scope()
    plugin, apart = scope.work.plugin, scope.aside()

    def run() -> R:
        with enter_scope(apart.aside()) as inner, inner.work.entered(plugin):
            return work()

    return run


@contextmanager
def aside() -> Iterator[None]:
    """Run a block in a short transaction of its own, which survives a rollback around it."""
    scope = current_scope()
    plugin = scope.work.plugin
    with enter_scope(scope.aside()) as inner, inner.work.entered(plugin):
        yield
