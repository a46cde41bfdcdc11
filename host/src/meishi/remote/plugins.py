"""What a process tells neighbours of the plugins that run in it: versions and contracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from meishi.calls.rules import contract_methods
from meishi.lifecycle.contribution import Contribution
from meishi.remote.wire import INTERNAL

#: Where it is told.
PATH = f"{INTERNAL}/plugins"


class ToldPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that runs over there: its version, and the methods of its contract by Protocol."""

    name: str
    version: str
    contracts: Mapping[str, tuple[str, ...]] = {}


class ToldPlugins(msgspec.Struct, frozen=True):
    """All of them that a neighbour may know of."""

    plugins: tuple[ToldPlugin, ...]


def told(contribution: Contribution, protocols: Iterable[str]) -> ToldPlugin:
    """Return what is told of a plugin, with those of its contracts."""
    wanted = set(protocols)
    return ToldPlugin(
        name=contribution.plugin,
        version=str(contribution.manifest.version),
        contracts={
            service.protocol.__name__: tuple(sorted(contract_methods(service.protocol)))
            for service in contribution.services
            if service.protocol.__name__ in wanted
        },
    )


def written(plugins: Iterable[ToldPlugin]) -> bytes:
    """Return them as they are sent."""
    return msgspec.json.encode(ToldPlugins(tuple(plugins)))


def read(document: bytes) -> dict[str, ToldPlugin]:
    """Return by name what came; raise `ValueError` if it is something else."""
    found = msgspec.json.decode(document, type=ToldPlugins)
    return {plugin.name: plugin for plugin in found.plugins}


def differences(here: Contribution, there: ToldPlugin) -> Iterator[str]:
    """Yield how a plugin over there is another than the one that is known here.

    Of its contracts only what it tells is looked at: it may not tell us of all.
    """
    version = str(here.manifest.version)
    if there.version != version:
        yield f"has version {there.version}, and here it is {version}"
    for service in here.services:
        name = service.protocol.__name__
        if name in there.contracts:
            missing = contract_methods(service.protocol).keys() - set(there.contracts[name])
            if missing:
                yield f"has no {', '.join(f'{name}.{method}' for method in sorted(missing))}"
