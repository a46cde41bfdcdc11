"""What a process tells neighbours of the plugins that run in it: versions and contracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter

import msgspec

from meishi.calls.rules import ContractMethod, contract_methods
from meishi.lifecycle.contribution import Contribution
from meishi.remote.wire import INTERNAL
from meishi.signing import Signer

#: Where it is told.
PATH = f"{INTERNAL}/plugins"


class ToldPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that runs over there: its version, and the methods of its contract by Protocol.

    `arguments` are those of `Protocol.method`, with a `?` behind each that may be left out.
    """

    name: str
    version: str
    contracts: Mapping[str, tuple[str, ...]] = {}
    arguments: Mapping[str, tuple[str, ...]] = {}


class ToldPlugins(msgspec.Struct, frozen=True):
    """All of them that a neighbour may know of; `database` is another text for each database.

    `public_url` is the setting over there, empty where it is not set.
    """

    plugins: tuple[ToldPlugin, ...]
    database: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a plugin over there is another than the one that is known here.

    Where it `works` each call that both know is answered; otherwise some are refused.
    """

    text: str
    works: bool = False


def told(contribution: Contribution, protocols: Iterable[str]) -> ToldPlugin:
    """Return what is told of a plugin, with those of its contracts."""
    wanted = set(protocols)
    contracts = {
        service.protocol.__name__: contract_methods(service.protocol)
        for service in contribution.services
        if service.protocol.__name__ in wanted
    }
    return ToldPlugin(
        name=contribution.plugin,
        version=str(contribution.manifest.version),
        contracts={name: tuple(sorted(methods)) for name, methods in contracts.items()},
        arguments={
            f"{name}.{method}": tuple(_arguments(found))
            for name, methods in contracts.items()
            for method, found in methods.items()
        },
    )


def written(plugins: Iterable[ToldPlugin], database: str, public_url: str) -> bytes:
    """Return them as they are sent."""
    return msgspec.json.encode(ToldPlugins(tuple(plugins), database, public_url))


def read(document: bytes) -> ToldPlugins:
    """Return what came; raise `ValueError` if it is something else."""
    return msgspec.json.decode(document, type=ToldPlugins)


def database_mark(signer: Signer) -> str:
    """Return the text by which a database is known to be the one of a process."""
    return signer.sign("database", b"")


def differences(here: Contribution, there: ToldPlugin) -> Iterator[Difference]:
    """Yield how a plugin over there is another than the one that is known here.

    Of its contracts only what it tells is looked at: it may not tell us of all.
    """
    refused = [Difference(text) for text in _refused(here, there)]
    version = str(here.manifest.version)
    if there.version != version:
        text = f"has version {there.version}, and here it is {version}"
        yield Difference(text, works=not refused)
    yield from refused


def _refused(here: Contribution, there: ToldPlugin) -> Iterator[str]:
    """Yield which calls cannot be answered over there."""
    for service in here.services:
        name = service.protocol.__name__
        if name not in there.contracts:
            continue
        methods = contract_methods(service.protocol)
        missing = methods.keys() - set(there.contracts[name])
        if missing:
            yield f"has no {', '.join(f'{name}.{method}' for method in sorted(missing))}"
        for method in sorted(methods.keys() - missing):
            full = f"{name}.{method}"
            if full in there.arguments:
                yield from _of_arguments(full, _arguments(methods[method]), there.arguments[full])


def _of_arguments(method: str, here: Iterable[str], there: Iterable[str]) -> Iterator[str]:
    known = {name.removesuffix("?") for name in here}
    taken = {name.removesuffix("?") for name in there}
    for name in sorted(known - taken):
        yield f"takes no {name} for {method}"
    for name in sorted(set(there) - known):
        if not name.endswith("?"):
            yield f"wants {name} for {method}"


def _arguments(method: ContractMethod) -> Iterator[str]:
    for name in method.parameters:
        optional = method.signature.parameters[name].default is not Parameter.empty
        yield f"{name}?" if optional else name
