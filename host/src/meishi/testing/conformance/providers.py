"""Whether what a plugin provides to the search and to exports works, where there is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from uuid import UUID

from meishi.context import Actor
from meishi.declarations import SearchQuery
from meishi.exports.formats import every_format
from meishi.host import Host
from meishi.lifecycle.raised import raised
from meishi.sdk.contract import ListQuery
from meishi.search.finding import TooSlow, ask
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

#: What people type, and what others paste.
TEXTS = ("a", "Anna Lindqvist", "山田", "50%_\\'\"", "<b>&", "(", "*:& |!", " x ", "x" * 200)
_LIMIT = 10
#: Pieces of a file that are looked at.
_PIECES = 10
_WORKSPACE = UUID(int=1)


def provider_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each search provider and each exporter that fails; nothing of it is kept."""
    contribution = bench.contribution(plugin)
    if contribution.search_providers:
        yield from _search_faults(bench, plugin)
    if contribution.exporters:
        yield from _export_faults(bench, plugin)


def _search_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    owner = bench.contribution(plugin)
    for provider in owner.search_providers:
        for text in TEXTS:
            try:
                with _inside(bench):
                    wanted = SearchQuery(text=text, limit=_LIMIT)
                    ask(owner, provider, wanted, provider.limit_seconds)
            except TooSlow:
                continue  # says something of this machine
            except Exception as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
                yield Fault(
                    f"The search provider {provider.name!r} fails on {text!r}: {raised(error)}.",
                    "Return a list of SearchHit for any text, an empty one where nothing is found.",
                )
                break


def _export_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    with _inside(bench):
        formats = [item for item in every_format() if item.plugin == plugin]
    for item in formats:
        try:
            with _inside(bench), closing(item.write(ListQuery())) as pieces:
                for _ in islice(pieces, _PIECES):
                    pass
        except Exception as error:  # noqa: BLE001 (as above)
            yield Fault(
                f"The exporter {item.exporter.name!r} fails: {raised(error)}.",
                "Yield bytes, also where there is nothing to write.",
            )


@contextmanager
def _inside(bench: Workbench) -> Iterator[None]:
    """Run a block in a workspace in which there is nothing, and undo what it does."""
    host: Host = bench.application.extensions["meishi"]
    with host.scope(workspace=_WORKSPACE, actor=Actor()) as scope:
        yield
        scope.work.start_over()
