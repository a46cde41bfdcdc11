"""Whether what a plugin provides to search, imports and exports works, where there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from io import BytesIO
from itertools import islice
from uuid import UUID

from meishi.context import Actor, Scope
from meishi.declarations import Importer, ImportTask, SearchQuery
from meishi.exports.formats import every_format
from meishi.host import Host
from meishi.imports.answers import checked_chunk, checked_preview
from meishi.lifecycle.raised import raised
from meishi.sdk.contract import DomainError, ListQuery
from meishi.search.finding import TooSlow, ask
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

#: What people type, and what others paste.
TEXTS = ("a", "Anna Lindqvist", "山田", "50%_\\'\"", "<b>&", "(", "*:& |!", " x ", "x" * 200)
#: What people send by mistake: nothing, another kind of file, one that is cut off.
FILES = (b"", b"\0" * 100, b"\xff\xfe\xfa", b'name,mail\n"', b"{", b"x" * 100_000)
_LIMIT = 10
#: Pieces of a file that are looked at.
_PIECES = 10
_WORKSPACE = UUID(int=1)


def provider_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each search provider, importer and exporter that fails; nothing of it is kept."""
    contribution = bench.contribution(plugin)
    if contribution.search_providers:
        yield from _search_faults(bench, plugin)
    for importer in contribution.importers:
        yield from _import_faults(bench, plugin, importer)
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


def _import_faults(bench: Workbench, plugin: str, importer: Importer) -> Iterator[Fault]:
    """Yield what an importer does with a file that it can hardly read, but must not."""
    tried: Mapping[str, Callable[[bytes], object]] = {
        "detect": lambda content: importer.detect is None or importer.detect(content),
        "preview": lambda content: checked_preview(importer.preview(BytesIO(content))),
        "run": lambda content: checked_chunk(
            importer.run(BytesIO(content), ImportTask(dry_run=True)), ImportTask(), len(content)
        ),
    }
    for name, call in tried.items():
        for content in FILES:
            try:
                with _inside(bench) as scope, scope.work.entered(plugin):
                    call(content)
            except DomainError:
                continue  # says what is wrong with the file
            except Exception as error:  # noqa: BLE001 (as above)
                yield Fault(
                    f"The importer {importer.name!r} fails in `{name}` on {content[:20]!r}: "
                    f"{raised(error)}.",
                    "Raise a DomainError of your contract that says what is wrong with the file.",
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
def _inside(bench: Workbench) -> Iterator[Scope]:
    """Run a block in a workspace in which there is nothing, and undo what it does."""
    host: Host = bench.application.extensions["meishi"]
    with host.scope(workspace=_WORKSPACE, actor=Actor()) as scope:
        yield scope
        scope.work.start_over()
