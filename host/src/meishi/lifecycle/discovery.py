"""Finding installed plugins by their entry points, without running any of their code."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from meishi.lifecycle.manifest import Manifest, ManifestError, read_manifest

ENTRY_POINT_GROUP = "meishi.plugins"

#: The host's own parts, which use the same hooks as every plugin, in any order.
BUILT_IN_PACKAGES = ("meishi.lifecycle", "meishi.events", "meishi.core.identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlugin:
    """An installed plugin: where it is and what it says, or why that cannot be read."""

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
    points = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)
    found = [_from_entry_point(point) for point in _without_repeats(points)]
    return (*(_built_in(package) for package in BUILT_IN_PACKAGES), *found)


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
