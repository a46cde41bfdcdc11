"""The examination: each thing that pins a plugin, is missed of it, or should be known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meishi.calls.rules import ContractMethod, contract_methods
from meishi.declarations import DeliveryMode
from meishi.extraction.reasons import Reason, misses, note, pins
from meishi.extraction.source import Uses, unnamed, uses
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.hook_items import is_told_whole
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.resource_names import owner_of
from meishi.sdk.contract import CallKind


def reasons(plugins: PluginSet, plugin: str) -> Iterator[Reason]:
    """Yield what there is to say of an active plugin, as far as no database is needed.

    What pins it comes first.
    """
    mine = plugins.contributions[plugin]
    others = {item.plugin: item for item in plugins.active() if item.plugin != plugin}
    used = {
        name: uses(item.package) for name, item in others.items() if not _built_in(plugins, name)
    }
    own_uses = uses(mine.package)
    yield from _of_contract(mine)
    yield from _of_handlers(plugins, mine, others)
    yield from _of_hooks(plugins, mine)
    yield from _of_manifests(mine, own_uses, used, others)
    yield from _of_others_parts(mine, others)
    yield from _of_callers(mine, used)
    yield from _of_settings(mine)


def _built_in(plugins: PluginSet, name: str) -> bool:
    return plugins.statuses[name].built_in


def _of_contract(mine: Contribution) -> Iterator[Reason]:
    for method in _methods(mine, CallKind.ATOMIC):
        message = f"{method} is @atomic: it needs the transaction of its caller."
        yield pins("atomic-method", message)


def _of_handlers(
    plugins: PluginSet, mine: Contribution, others: Mapping[str, Contribution]
) -> Iterator[Reason]:
    """Yield handlers inside a transaction that would be another one, or none."""
    published = {event.event_type for event in mine.event_types}
    names = [mine.plugin, *others]
    heard = {
        item.plugin: (*item.event_handlers, *plugins.extensions.handlers_of(item.plugin, names))
        for item in (mine, *others.values())
    }
    for name, handlers in heard.items():
        inside = {
            handler.event.event_type
            for handler in handlers
            if handler.mode is DeliveryMode.IN_TRANSACTION
        }
        for event in sorted(inside):
            if name == mine.plugin:
                message = f"It hears {event} inside the transaction that publishes it."
                yield pins("hears-inside", message)
            elif event in published:
                message = f"{name} hears its {event} inside the transaction that publishes it."
                yield pins("heard-inside", message, name)


def _of_hooks(plugins: PluginSet, mine: Contribution) -> Iterator[Reason]:
    """Yield hooks between the plugin and others that hold functions, which do not travel.

    Items that are told whole are read here by who adds the hook; a service reads none of others.
    """
    for hook, added in sorted(plugins.extensions.added.items()):
        for name in sorted(plugins.extensions.supplied.get(hook, {})):
            if name == added.plugin or mine.plugin not in (name, added.plugin):
                continue
            if not plugins.is_active(name) or not plugins.is_active(added.plugin):
                continue
            told = all(map(is_told_whole, plugins.extensions.supplied[hook][name]))
            if name != mine.plugin and told:
                message = f"What {name} supplies to its hook `{hook}` is not heard of there."
                yield misses("hook-of-service", message, name)
            elif name != mine.plugin:
                message = f"{name} implements its hook `{hook}`; they would have to move together."
                yield pins("hook-implemented", message, name)
            elif told:
                continue
            elif not _built_in(plugins, added.plugin):
                message = (
                    f"It implements the hook `{hook}` of {added.plugin}; they would have to move "
                    "together."
                )
                yield pins("implements-hook", message, added.plugin)
            else:
                message = f"What it supplies to `{hook}` of {added.plugin} is not heard of here."
                yield misses("hook-of-host", message)


def _of_manifests(
    mine: Contribution,
    own_uses: Uses,
    used: Mapping[str, Uses],
    others: Mapping[str, Contribution],
) -> Iterator[Reason]:
    """Yield contracts that are used and not named: the other side refuses such calls."""
    packages = {item.package: name for name, item in others.items()}
    named = {*mine.manifest.requires, *mine.manifest.after}
    for name in unnamed(own_uses, packages, named):
        message = f"It uses the contract of {name}, which its manifest does not name."
        yield pins("unnamed-contract", message, name)
    for name, found in used.items():
        if found.of_contract(mine.package) and not others[name].manifest.names(mine.plugin):
            message = f"{name} uses its contract, and the manifest of {name} does not name it."
            yield pins("unnamed-by", message, name)


def _of_others_parts(mine: Contribution, others: Mapping[str, Contribution]) -> Iterator[Reason]:
    """Yield what others add to the plugin's resources."""
    for name, other in others.items():
        targets = sorted(
            {i.target for i in other.schemas.extensions if owner_of(i.target) == mine.plugin}
        )
        for target in targets:
            yield misses(
                "others-extension", f"{target} does not show what {name} adds to it.", name
            )


def _of_callers(mine: Contribution, used: Mapping[str, Uses]) -> Iterator[Reason]:
    """Yield who calls its commands: their effects stay when the caller's transaction does not."""
    commands = list(_methods(mine, CallKind.COMMAND))
    for name, found in sorted(used.items()):
        imported = found.of_contract(mine.package)
        called = [
            command
            for command in commands
            if command.partition(".")[0] in imported and command.rpartition(".")[2] in found.called
        ]
        if called:
            message = (
                f"{name} may call {', '.join(called)}: what that does stays, though the caller's "
                "transaction is undone."
            )
            yield note("called-by", message, name)


def _of_settings(mine: Contribution) -> Iterator[Reason]:
    secrets = set(mine.settings_schema.secrets) if mine.settings_schema else set()
    for key in sorted(mine.configured):
        kind = "the secret " if key in secrets else ""
        yield note("setting", f"Set {kind}`{key}` in [plugin.{mine.plugin}] of the service, too.")
    if mine.cli is not None:
        yield note("cli", "Its commands are the service's: run them there.")
    for name in mine.manifest.extensions:
        yield note("extension", f"The database of the service needs the extension {name}.")


def _methods(mine: Contribution, kind: CallKind) -> Iterator[str]:
    for service in mine.services:
        methods: Mapping[str, ContractMethod] = contract_methods(service.protocol)
        for name, method in methods.items():
            if method.rule.kind is kind:
                yield f"{service.protocol.__qualname__}.{name}"
