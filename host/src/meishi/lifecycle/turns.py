"""The turns of a plugin's life: calling what it does at one, in the unit of work of the change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

from meishi.context import NoScope, Scope, current_scope, substitute_scope
from meishi.errors import OperatorError
from meishi.lifecycle.raised import raised

if TYPE_CHECKING:
    from meishi.lifecycle.loading import PluginSet

Turn = Literal["installed", "upgraded", "enabled", "disabled", "before_purge", "purge_impact"]


class TurningHost(Protocol):
    """The host, as far as the turns of plugins know it."""

    plugins: PluginSet

    def scope(
        self, *, workspace: UUID | None = None, plugin: str | None = None
    ) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work; as a plugin's code if one is named."""
        ...


class TurnFailed(OperatorError):
    """What a plugin does at a turn of its life raised; the change is to be undone."""

    def __init__(self, plugin: str, turn: str, reason: str) -> None:
        super().__init__(
            f"{plugin}: `{turn}` of its hook `lifecycle` {reason}.",
            hint="Nothing of this change was kept.",
        )
        self.plugin = plugin


class _Undone(Exception):
    """Ends a unit of work of which nothing is to be kept."""


def call_turn(
    host: TurningHost, plugin: str, turn: Turn, *arguments: object, workspace: UUID | None = None
) -> Any:
    """Call what a plugin does at a turn, as its code in a workspace or in none.

    Inside of a unit of work it belongs to that, so that one who raises undoes the change; else it
    has one of its own. Who does nothing at that turn, or is not loaded, returns None.

    :raises TurnFailed: whatever it raised
    """
    contribution = host.plugins.contributions.get(plugin)
    declared = None if contribution is None else contribution.lifecycle
    function = None if declared is None else getattr(declared, turn)
    if function is None:
        return None
    with _in_unit_of_work(host, workspace) as scope:
        try:
            with scope.work.entered(plugin):
                return function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise TurnFailed(plugin, turn, f"raised {raised(error)}") from error


def purge_impact(host: TurningHost, plugin: str) -> tuple[str, ...]:
    """Return what a purge of a plugin would give back outside of the database, a line each.

    :raises TurnFailed: if it cannot tell
    """
    found: Any = None
    with suppress(_Undone), host.scope():
        found = call_turn(host, plugin, "purge_impact")
        raise _Undone
    lines = () if found is None else found
    if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
        raise TurnFailed(plugin, "purge_impact", f"must return a list of texts, not {found!r}")
    return tuple(" ".join(line.split()) for line in lines)


@contextmanager
def _in_unit_of_work(host: TurningHost, workspace: UUID | None) -> Iterator[Scope]:
    """Run a block in the current unit of work, or one of its own, in a workspace or in none."""
    try:
        outer = current_scope()
    except NoScope:
        with host.scope(workspace=workspace) as scope:
            yield scope
        return
    there = workspace == outer.workspace_id
    with nullcontext() if there else _moved(outer, workspace):
        yield current_scope()


@contextmanager
def _moved(outer: Scope, workspace: UUID | None) -> Iterator[None]:
    outer.work.move_to(workspace)
    try:
        with substitute_scope(replace(outer, workspace_id=workspace)):
            yield
    finally:
        outer.work.move_to(outer.workspace_id)
