"""What is wrong with the hooks that a plugin adds."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from meishi.calls.hook_items import hook_item_faults
from meishi.declarations import HookSpec


def hookspec_faults(specs: Iterable[HookSpec], *, prefix: str, contract: str) -> Iterator[str]:
    """Yield one sentence for each thing that a hook of a plugin's own must not be.

    `prefix` is how the names of all of them begin, `contract` the plugin's module of that name.
    """
    for spec in specs:
        for fault in _faults(spec, prefix, contract):
            yield f"hook `hookspecs`: {fault}"


def _faults(spec: HookSpec, prefix: str, contract: str) -> Iterator[str]:
    name = getattr(spec.function, "__name__", "")
    if not inspect.isfunction(spec.function) or inspect.signature(spec.function).parameters:
        yield f"{spec.function!r} must be a function that takes nothing"
        return
    if not name.startswith(f"{prefix}"):
        yield f"the name of `{name}` must begin with `{prefix}`"
    if not spec.function.__doc__:
        yield f"`{name}` has no docstring, which is its documentation"
    if not f"{spec.item.__module__}.".startswith(f"{contract}."):
        yield f"the item of `{name}`, {spec.item.__qualname__}, is not of {contract}"
        return
    if spec.unique is not None and spec.unique not in inspect.get_annotations(spec.item):
        yield f"`unique` {spec.unique!r} of `{name}` is no field of {spec.item.__qualname__}"
    for fault in hook_item_faults(spec.item):
        yield f"the item of `{name}`: {fault}"
