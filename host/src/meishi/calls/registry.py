"""The registry of services: from a Protocol to what stands for it in this process.

What callers get is a proxy. It switches to the owner's rights for the length of the call and
lets declared errors through as themselves; everything else becomes one `CallFailed`, whether
the service runs here or elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import svcs

from meishi.calls.codec import CallCodec
from meishi.calls.elsewhere import CallName, Elsewhere, RemoteCall
from meishi.calls.failures import ServiceUnavailable
from meishi.calls.lifetimes import MadeOnce
from meishi.calls.local import LocalCall
from meishi.calls.rules import contract_methods
from meishi.declarations import Lifetime, PluginContext, Service
from meishi.settings import CallMode

P = TypeVar("P")

_Run = Callable[[tuple[Any, ...], dict[str, Any]], Any]


class CallRegistry:
    """All services of the active plugins of one application object."""

    def __init__(self, mode: CallMode) -> None:
        self._mode = mode
        self._registry = svcs.Registry()
        self._proxies: dict[type, object] = {}
        self._local: dict[CallName, LocalCall] = {}

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
        self._offer(service.protocol, context.plugin)

    def place(self, protocol: type, plugin: str, way: Elsewhere) -> None:
        """Offer a service that runs elsewhere, by way of something."""
        self._proxies[protocol] = placed_service(protocol, plugin, way)

    def stand_before(self, protocol: type[P], made: Callable[[P], P]) -> None:
        """Have something stand before a service that is offered: callers here get that."""
        self._proxies[protocol] = made(self.get(protocol))

    def keep(self, kind: type) -> None:
        """Have an object of a class of the host's own in each unit of work that asks for one."""
        self._registry.register_factory(kind, kind)

    def get(self, protocol: type[P]) -> P:
        """Return what to call; raise `ServiceUnavailable` when no active plugin offers it."""
        try:
            return cast(P, self._proxies[protocol])
        except KeyError as error:
            raise ServiceUnavailable(f"no active plugin offers {protocol.__qualname__}") from error

    def local(self, name: CallName) -> LocalCall | None:
        """Return a method of a service that runs here, None if none is called so."""
        return self._local.get(name)

    def container(self) -> svcs.Container:
        """Return a container for one unit of work."""
        return svcs.Container(self._registry)

    def _offer(self, protocol: type, plugin: str) -> None:
        runs: dict[str, _Run] = {}
        for name, method in contract_methods(protocol).items():
            call = LocalCall(plugin, protocol, method, CallCodec(method))
            runs[name] = call.run_encoded if self._mode is CallMode.CODEC else call.run
            called = CallName(plugin=plugin, protocol=protocol.__name__, method=name)
            self._local[called] = call
        self._proxies[protocol] = _proxy(protocol, runs)


def placed_service(protocol: type[P], plugin: str, way: Elsewhere) -> P:
    """Return what stands for a service that runs elsewhere, by way of something."""
    runs: dict[str, _Run] = {}
    for name, method in contract_methods(protocol).items():
        called = CallName(plugin=plugin, protocol=protocol.__name__, method=name)
        runs[name] = RemoteCall(way, called, method, CallCodec(method)).run
    return cast(P, _proxy(protocol, runs))


def _proxy(protocol: type, runs: Mapping[str, _Run]) -> object:
    methods = {name: _as_method(run, name) for name, run in runs.items()}
    return type(f"{protocol.__name__}Proxy", (), methods)()


def _as_method(run: _Run, name: str) -> Callable[..., Any]:
    def method(_self: object, *args: Any, **kwargs: Any) -> Any:
        return run(args, kwargs)

    method.__name__ = name
    return method
