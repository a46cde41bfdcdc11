"""The public names of Python: described from their source, and compared with what was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from meishi.testing.surface.changes import Change
from meishi.testing.surface.described import described
from meishi.testing.surface.signatures import Signature, signature_changes

if TYPE_CHECKING:
    import griffe

#: Names for annotations alone: what is in them is the host's affair, or public elsewhere.
_FOR_ANNOTATIONS = "meishi.testing.types"


def public_names(root: str, modules: Sequence[str]) -> dict[str, str]:
    """Return what each public name of a package is, in the notation of Python; sorted."""
    import griffe

    loader = griffe.GriffeLoader(allow_inspection=False)
    loader.load(root)
    loader.resolve_aliases(implicit=True, external=False)
    found: dict[str, str] = {}
    for name in modules:
        module = loader.modules_collection[name]
        found[name] = "module"
        for member in _public_members(module):
            inside = described(f"{name}.{member.name}", member)
            found.update([next(inside)] if name == _FOR_ANNOTATIONS else inside)
    return dict(sorted(found.items()))


def _public_members(
    module: griffe.Object | griffe.Alias,
) -> Iterator[griffe.Object | griffe.Alias]:
    for name, member in module.members.items():
        exported = module.exports
        shown = name in exported if exported is not None else not name.startswith("_")
        imported = member.is_alias and exported is None
        if shown and not imported and not member.is_module:
            yield member


def name_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield what has changed between two descriptions; of what came or went, the whole alone."""
    for name in sorted(old.keys() | new.keys()):
        parent = name.rpartition(".")[0]
        if name not in new:
            if parent in new or parent not in old:
                yield Change(name, "is gone", breaking=True)
        elif name not in old:
            if parent in old or parent not in new:
                yield _added(name, new)
        elif old[name] != new[name]:
            yield from signature_changes(name, old[name], new[name])


def _added(name: str, new: Mapping[str, str]) -> Change:
    """Return what it means that a name came: how objects are made may break who makes them."""
    making = new[name].startswith(("fields", "def")) and name.endswith(".__init__")
    return Change(name, "is new", breaking=making and _needs_values(new[name]))


def _needs_values(line: str) -> bool:
    return any(item.required for item in Signature.of(line).parameters.values())
