"""`meishi demo`: the main job on a sample workspace, or on an address book of your own."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.command.interruption import Interruption
from meishi.command.output import print_json
from meishi.command.serve import base_url, free_port
from meishi.command.temporary import temporary_home
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.demo.client import ShownContact
    from meishi.demo.run import DemoResult
    from meishi.demo.services import ServiceNumbers

#: How many rejected cards are named on screen.
NAMED_REJECTS = 5


@click.command()
@click.option(
    "--file", type=click.Path(path_type=Path, dir_okay=False), help="Your own address book."
)
@click.option("--once", is_flag=True, help="Do everything in a temporary folder, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve; default: the setting.")
def demo(*, file: Path | None, once: bool, as_json: bool, port: int | None) -> None:
    """Import an address book, make a card with codes and a page, and serve the result."""
    from meishi.demo.run import ADDRESS_BOOK, demo_environment, locked

    settings = current_deployment().settings
    source = _readable(file or ADDRESS_BOOK)
    number = free_port(settings.host, port or (0 if once else settings.port))
    with (
        Interruption() as interruption,
        _data_folder(settings.home, interruption, once=once) as home,
        locked(home),
    ):
        environment = demo_environment(home, base_url(settings.host, number))
        _say(f"Data in {home}", quiet=as_json)
        demonstration = _Demonstration(source, environment, home, once=once, as_json=as_json)
        demonstration.run(settings.host, number, interruption)


@dataclass(frozen=True, slots=True)
class _Demonstration:
    """One run of the demo."""

    source: Path
    environment: Mapping[str, str]
    home: Path
    _: KW_ONLY
    once: bool
    as_json: bool

    def run(self, host: str, port: int, interruption: Interruption) -> None:
        """Serve, do the main job, and go on serving unless it was for once."""
        from meishi.demo.client import wait_until_healthy
        from meishi.demo.run import require_plugins, run_main_job, served

        root = click.get_current_context().find_root().command
        url, log = base_url(host, port), self.home / "serve.log"
        with served(self.environment, log, host, port, interruption) as server:
            require_plugins(self.environment)
            interruption.check()
            wait_until_healthy(url, lambda: server.poll() is None, log)
            interruption.check()
            deployment = Deployment(None, environment=self.environment)
            try:
                result = run_main_job(root, deployment, self.source, url)
            finally:
                deployment.close()
            interruption.check()
            if self.as_json:
                print_json(result.document())
            else:
                _print_summary(result, url, self.source)
            if not self.once:
                _say("Serving until you press Ctrl-C.", quiet=self.as_json)
                server.wait()


def _readable(file: Path) -> Path:
    hint = "FILE=contacts.vcf names a file."
    try:
        # Not opened before that is known: a pipe would let us wait for its other end.
        regular = stat.S_ISREG(file.stat().st_mode)
        if regular:
            file.open("rb").close()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OperatorError(f"{file} cannot be read: {reason}.", hint=hint) from error
    if not regular:
        raise OperatorError(f"{file} cannot be read: it is no regular file.", hint=hint)
    return file


@contextmanager
def _data_folder(home: Path, interruption: Interruption, *, once: bool) -> Iterator[Path]:
    """Yield the demo's data folder: the lasting one, or a temporary one."""
    if not once:
        yield home / "demo"
        return
    with temporary_home("meishi-demo", interruption) as folder:
        yield folder


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(text)


def _print_summary(result: DemoResult, url: str, source: Path) -> None:
    numbers = result.document()
    click.echo(f"Address book: {source.name}, {numbers['cards']} cards")
    click.echo(f"  imported    {numbers['imported']}, of them {numbers['duplicates']} duplicates")
    click.echo(f"  rejected    {numbers['rejected']}")
    for item in result.rejects[:NAMED_REJECTS]:
        click.echo(f"              line {item['line']}: {item['reason']}")
    click.echo(f"Contacts now: {result.contacts}, with {result.relationships} new relationships")
    if result.shown is not None:
        _print_shown(result.shown, url)
    _print_services(result.services, url)
    click.echo(f"Console: {result.console}")
    click.echo(f"API: {url}/api/openapi.json")
    click.echo(f'Try: curl -H "Authorization: Bearer {result.token}" {url}/api/v1/contacts')
    click.echo(f"Done in {numbers['seconds']} s.")


def _print_shown(shown: ShownContact, url: str) -> None:
    state = "reads back" if shown.code.decodes else "DOES NOT READ BACK"
    click.echo(f"Code of {shown.code.contact_name}: {url}{shown.code.path} ({state})")
    click.echo(f"Card for everybody: {shown.page.url} (status {shown.page.status})")
    click.echo(f"  a code that leads there: {shown.page.code_content}")
    click.echo(f"Search for {shown.search.typed!r}: {', '.join(shown.search.hits) or 'nothing'}")
    if shown.page.exchanged:
        click.echo("  a visitor left a card there in return, and is a contact now")


def _print_services(found: ServiceNumbers, url: str) -> None:
    proposals = ", ".join(f"{number} by {name}" for name, number in found.proposals.items())
    click.echo(f"Proposals: {proposals or 'none'}: {url}/enrichment")
    click.echo(
        f"Graph: {found.ties} ties, {found.communities} communities "
        f"(modularity {found.modularity or 0:.2f}): {url}/graph"
    )
    if found.introduction:
        click.echo(f"  an introduction: {' → '.join(found.introduction)}")
    click.echo(f"Growth: {found.conversions} sign-ups by links, {_growth(found)}: {url}/viral")
    funnel = ", ".join(f"{count} {name}" for name, count in found.funnel.items())
    click.echo(f"Analytics: {funnel}: {url}/analytics")


def _growth(found: ServiceNumbers) -> str:
    value, low, high = (found.k.get(name) for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "no K yet"
    return f"K = {value:.2f} ({low:.2f} to {high:.2f})"
