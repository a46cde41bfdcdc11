"""Formats: which there are for whom, and the files that they make."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from marshmallow import Schema

from meishi.context import current_scope
from meishi.declarations import Exporter
from meishi.exports.environment import environment
from meishi.exports.resources import list_of, owner_of
from meishi.placement import Placement
from meishi.refusals import Forbidden
from meishi.sdk.contract import DomainError, ListQuery

#: What a list's query says that a file has no use for: it holds everything.
_OF_PAGES = ("after", "limit", "total")


class ExporterNotFound(DomainError):
    """There is no such format, or nobody serves what it writes."""

    code = "exporter-not-found"
    title = "Export format not found"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of an active plugin, and what it asks for.

    `permissions` are needed all; `query` loads a `ListQuery`, None where there is no choice. With a
    `placement` it is written elsewhere, and is to be asked for there.
    """

    plugin: str
    exporter: Exporter
    permissions: frozenset[str]
    query: Schema | None
    placement: Placement | None = None

    def write(self, wanted: ListQuery) -> Generator[bytes]:
        """Return the file in pieces, made by the code of the plugin."""
        return written(self.plugin, self.exporter, wanted)


def written(plugin: str, exporter: Exporter, wanted: ListQuery) -> Generator[bytes]:
    """Yield what an exporter writes, as the code of its plugin."""
    with current_scope().work.entered(plugin):
        for piece in exporter.write(wanted):
            if not isinstance(piece, bytes):
                kind = type(piece).__qualname__
                raise TypeError(f"exporter {exporter.name!r} yielded {kind}, not bytes")
            yield piece


def offered_formats() -> list[Format]:
    """Return the formats that the caller may use."""
    permissions = current_scope().actor.permissions
    return [item for item in every_format() if item.permissions <= permissions]


def format_called(name: str) -> Format:
    """Return a format by its name.

    :raises ExporterNotFound: if there is none
    :raises Forbidden: if the caller lacks a permission for it
    """
    for found in every_format():
        if found.exporter.name == name:
            missing = sorted(found.permissions - current_scope().actor.permissions)
            if missing:
                raise Forbidden(f"This needs the permission {missing[0]}.")
            return found
    raise ExporterNotFound(f"There is no format {name!r} to export into.")


def every_format() -> Iterator[Format]:
    """Yield the formats of all plugins that are switched on, whose resource somebody serves."""
    plugins = tuple(environment().enabled(current_scope().workspace_id))
    for contribution in plugins:
        for exporter in contribution.exporters:
            owner = owner_of(plugins, exporter.resource)
            if owner is None:
                continue
            listed = list_of(owner, exporter.resource)
            needed = {f"{contribution.manifest.prefix}.{exporter.permission}"}
            query = None
            if listed is not None:
                needed.add(listed.permission)
                query = None if listed.schema is None else type(listed.schema)(exclude=_OF_PAGES)
            yield Format(
                plugin=contribution.plugin,
                exporter=exporter,
                permissions=frozenset(needed),
                query=query,
                placement=contribution.placement,
            )
