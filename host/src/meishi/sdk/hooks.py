"""What other plugins supply to the hooks of one's own, and calling it as their code."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from meishi.context import current_scope
from meishi.database.statement_limits import limited_statements
from meishi.lifecycle.raised import raised
from meishi.logs import logger

T = TypeVar("T")
R = TypeVar("R")

__all__ = ["Implementation", "ImplementationFailed", "extensions", "log_failure"]


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

    def call_within(self, seconds: float, function: Callable[..., R], *arguments: object) -> R:
        """Do the same for who waits; a statement of it that takes longer is broken off.

        Nothing breaks off what else it does: its answer is not taken when it has come back. The
        failure is logged.

        :raises ImplementationFailed: whatever it raised, and if it took longer
        """
        begun = time.monotonic()
        try:
            with limited_statements(current_scope().work, seconds):
                answer = self.call(function, *arguments)
            if time.monotonic() - begun > seconds:
                raise ImplementationFailed(self.plugin) from TimeoutError(f"over {seconds:g} s")
        except ImplementationFailed as error:
            logger("error").error(
                "implementation_failed", plugin=self.plugin, error=raised(error.__cause__ or error)
            )
            raise
        return answer


def log_failure(message: str, failure: ImplementationFailed, **names: str) -> None:
    """Log what kind of error a function raised, for hooks whose items are told of people.

    Its words are left out: they may be what it was told. `names` say what of the plugin it was.
    """
    cause = type(failure.__cause__ or failure).__qualname__
    logger("warning").warning(message, plugin=failure.plugin, error=cause, **names)


def extensions(spec: Callable[[], Sequence[T]]) -> tuple[Implementation[T], ...]:
    """Return what the active plugins supply to a hook of the running plugin, in their order.

    They were called once, when the application started.
    """
    scope = current_scope()
    return tuple(
        Implementation(plugin, cast("tuple[T, ...]", items))
        for plugin, items in scope.host.implementations_of(spec)
    )
