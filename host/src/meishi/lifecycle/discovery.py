"""Finding installed plugins by their entry points, without running any of their code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path

from meishi.lifecycle.manifest import Manifest, ManifestError, read_manifest

ENTRY_POINT_GROUP = "meishi.plugins"

#: The host's own parts, which use the same hooks as every plugin, in any order.
BUILT_IN_PACKAGES = (
    "meishi.lifecycle",
    "meishi.events",
    "meishi.requests",
    "meishi.jobs",
    "meishi.mails",
    "meishi.levels",
    "meishi.switches",
    "meishi.audit",
    "meishi.overview",
    "meishi.search",
    "meishi.exports",
    "meishi.imports",
    "meishi.monitoring",
    "meishi.remote",
    "meishi.core.identity",
    "meishi.core.operations",
    "meishi.core.analytics",
    "meishi.personal_data",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlugin:
    """An installed plugin: where it is and what it says, or why that cannot be read.

    `module` is empty for a distribution whose entry points cannot be read.
    """

    name: str
    module: str
    folder: Path | None
    manifest: Manifest | None
    fault: str = ""
    built_in: bool = False


def discover() -> tuple[FoundPlugin, ...]:
    """Return every installed plugin, the host's own first, the others sorted by name.

    `module` is what the entry point names; whether it can be imported is not tried.
    """
    points: list[EntryPoint] = []
    unreadable: list[FoundPlugin] = []
    for distribution in _distributions():
        try:
            points += distribution.entry_points.select(group=ENTRY_POINT_GROUP)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is this one's alone)
            unreadable.append(_unreadable(distribution, error))
    points.sort(key=lambda point: point.name)
    found = [_from_entry_point(point) for point in _without_repeats(points)]
    return (*(_built_in(package) for package in BUILT_IN_PACKAGES), *found, *unreadable)


def _distributions() -> Iterator[Distribution]:
    """Yield what may hold plugins, of several under one name the first on the path.

    Read one by one: a single malformed file would fail a look at all entry points at once.
    """
    names: set[str] = set()
    for distribution in distributions():
        if _mentions_plugins(distribution):
            name = _name(distribution)
            if not name or name not in names:
                yield distribution
            names.add(name)


def _mentions_plugins(distribution: Distribution) -> bool:
    """Whether a distribution may register plugins; spares us the others' metadata."""
    try:
        return ENTRY_POINT_GROUP in (distribution.read_text("entry_points.txt") or "")
    except (OSError, UnicodeDecodeError):
        return True


def _name(distribution: Distribution) -> str:
    """Return a distribution's normalised name; an empty one where the metadata is unreadable."""
    try:
        return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
    except Exception:  # noqa: BLE001 (metadata may be anything)
        return ""


def _unreadable(distribution: Distribution, error: Exception) -> FoundPlugin:
    name = _name(distribution) or "unnamed"
    return FoundPlugin(
        name=f"{name} (distribution)",
        module="",
        folder=None,
        manifest=None,
        fault=f"its entry_points.txt cannot be read: {error}",
    )


def _without_repeats(points: list[EntryPoint]) -> list[EntryPoint]:
    """Drop a distribution that the path lists twice, as editable installs sometimes are."""
    unique: dict[tuple[str, str], EntryPoint] = {}
    for point in points:
        unique.setdefault((point.name, point.value), point)
    return list(unique.values())


def _built_in(package: str) -> FoundPlugin:
    folder = Path(__file__).parents[1].joinpath(*package.split(".")[1:])
    manifest = read_manifest(folder)
    return FoundPlugin(
        name=manifest.name,
        module=f"{package}.plugin",
        folder=folder,
        manifest=manifest,
        built_in=True,
    )


def _from_entry_point(point: EntryPoint) -> FoundPlugin:
    folder, manifest, fault = None, None, ""
    try:
        folder = _package_folder(point.value.partition(".")[0])
        manifest = read_manifest(folder)
        if manifest.name != point.name or manifest.name != folder.name:
            raise ManifestError(
                f"`name` is {manifest.name!r}, but the entry point is {point.name!r} "
                f"and the package {folder.name!r}"
            )
    except ManifestError as error:
        fault = str(error)
    return FoundPlugin(
        name=point.name, module=point.value, folder=folder, manifest=manifest, fault=fault
    )


def _package_folder(top: str) -> Path:
    """Locate a top-level package; asking for a submodule would import the package."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    locations = spec.submodule_search_locations if spec else None
    if not locations:
        raise ManifestError(f"the package {top!r} cannot be found")
    return Path(next(iter(locations)))
