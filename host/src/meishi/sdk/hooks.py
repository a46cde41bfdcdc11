"""What other plugins supply to the hooks of one's own, and calling it as their code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from meishi.context import current_scope

T = TypeVar("T")
R = TypeVar("R")

__all__ = ["Implementation", "ImplementationFailed", "extensions"]


class ImplementationFailed(Exception):
    """A function that another plugin supplied has raised; the cause is attached."""

    def __init__(self, plugin: str) -> None:
        super().__init__(f"{plugin}: a function that it supplied failed")
        self.plugin = plugin


@dataclass(frozen=True, slots=True)
class Implementation(Generic[T]):
    """What one `plugin` supplies to a hook: its `items`, in the order in which it gave them."""

    plugin: str
    items: tuple[T, ...]

    def call(self, function: Callable[..., R], *arguments: object) -> R:
        """Call a function of an item as the code of its plugin; what it raises undoes it alone.

        :raises ImplementationFailed: whatever it raised
        """
        work = current_scope().work
        try:
            with work.entered(self.plugin), work.savepoint():
                return function(*arguments)
        except Exception as error:
            raise ImplementationFailed(self.plugin) from error


def extensions(spec: Callable[[], Sequence[T]]) -> tuple[Implementation[T], ...]:
    """Return what the active plugins supply to a hook of the running plugin, in their order.

    They were called once, when the application started.
    """
    scope = current_scope()
    return tuple(
        Implementation(plugin, cast("tuple[T, ...]", items))
        for plugin, items in scope.host.implementations_of(spec)
    )
