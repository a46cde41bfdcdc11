"""The registry of services: from a Protocol to what stands for it in this process.

What callers get is a proxy. It switches to the owner's rights for the length of the call and
lets declared errors through as themselves; everything else becomes one `CallFailed`, whether
the service runs here or, one day, elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import svcs

from meishi.calls.codec import CallCodec
from meishi.calls.lifetimes import MadeOnce
from meishi.calls.rules import ContractMethod, contract_methods
from meishi.context import current_scope, enter_scope
from meishi.declarations import Lifetime, PluginContext, Service
from meishi.sdk.contract import CallKind, EventVetoed
from meishi.settings import CallMode

P = TypeVar("P")


class CallFailed(Exception):
    """A call raised something that its contract does not declare; the cause is attached."""

    def __init__(self, plugin: str, method: str) -> None:
        super().__init__(f"{plugin}: {method} failed")
        self.plugin = plugin
        self.method = method


class ServiceUnavailable(LookupError):
    """No active plugin offers the service that was asked for."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One method of one service, ready to be called."""

    plugin: str
    protocol: type
    method: ContractMethod
    codec: CallCodec

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the implementation of the current unit of work under its owner's rights."""
        try:
            return self._call(args, kwargs, alone=self.method.rule.kind is CallKind.QUERY)
        except self._passing:
            raise
        except (Exception, SystemExit) as error:
            raise CallFailed(self.plugin, self.method.name) from error

    def run_encoded(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Do the same as a remote call would: by value, and in a transaction of its own."""
        try:
            document = self.codec.encode_arguments(args, kwargs)
            return self.codec.decode_result(self._answer(document))
        except self.method.rule.errors as error:
            raise self.codec.decode_error(self.codec.encode_error(error)) from error
        except self._passing:
            raise
        except (Exception, SystemExit) as error:
            raise CallFailed(self.plugin, self.method.name) from error

    @property
    def _passing(self) -> tuple[type[Exception], ...]:
        """What reaches the caller as itself."""
        return (*self.method.rule.errors, EventVetoed, CallFailed)

    def _answer(self, document: bytes) -> bytes:
        """Do what the side that is called would do; what it cannot encode is not kept.

        A plugin that calls itself is on that side: an event handler's effects stay in the
        transaction of its delivery.
        """
        atomic = self.method.rule.kind is CallKind.ATOMIC
        own = not atomic and current_scope().work.running != self.plugin
        with enter_scope(current_scope().aside()) if own else nullcontext():
            result = self._call(
                (),
                self.codec.decode_arguments(document),
                alone=own or self.method.rule.kind is CallKind.QUERY,
            )
            return self.codec.encode_result(result)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, alone: bool) -> Any:
        """Call the implementation; one that raises leaves nothing, as if it ran elsewhere.

        `alone` says that there is nothing else in the transaction, or nothing to leave.
        """
        work = current_scope().work
        with work.entered(self.plugin):
            implementation = getattr(work.services.get(self.protocol), self.method.name)
            if alone:
                return implementation(*args, **kwargs)
            with work.savepoint():
                return implementation(*args, **kwargs)


class CallRegistry:
    """All services of the active plugins of one application object."""

    def __init__(self, mode: CallMode) -> None:
        self._mode = mode
        self._registry = svcs.Registry()
        self._proxies: dict[type, object] = {}

    def register(self, service: Service, context: PluginContext) -> None:
        """Offer a service whose contract was found to have no faults."""
        factory = service.factory

        def make() -> object:
            return factory(context)

        if service.lifetime is Lifetime.APPLICATION:
            # What lives on is not entered and left with each unit of work.
            self._registry.register_factory(service.protocol, MadeOnce(make), enter=False)
        else:
            self._registry.register_factory(service.protocol, make)
        self._proxies[service.protocol] = self._proxy(service.protocol, context.plugin)

    def keep(self, kind: type) -> None:
        """Have an object of a class of the host's own in each unit of work that asks for one."""
        self._registry.register_factory(kind, kind)

    def get(self, protocol: type[P]) -> P:
        """Return what to call; raise `ServiceUnavailable` when no active plugin offers it."""
        try:
            return cast(P, self._proxies[protocol])
        except KeyError as error:
            raise ServiceUnavailable(f"no active plugin offers {protocol.__qualname__}") from error

    def container(self) -> svcs.Container:
        """Return a container for one unit of work."""
        return svcs.Container(self._registry)

    def _proxy(self, protocol: type, plugin: str) -> object:
        calls: dict[str, Callable[..., Any]] = {}
        for name, method in contract_methods(protocol).items():
            call = _Call(plugin, protocol, method, CallCodec(method))
            run = call.run_encoded if self._mode is CallMode.CODEC else call.run
            calls[name] = _as_method(run, name)
        return type(f"{protocol.__name__}Proxy", (), calls)()


def _as_method(
    run: Callable[[tuple[Any, ...], dict[str, Any]], Any], name: str
) -> Callable[..., Any]:
    def method(_self: object, *args: Any, **kwargs: Any) -> Any:
        return run(args, kwargs)

    method.__name__ = name
    return method
