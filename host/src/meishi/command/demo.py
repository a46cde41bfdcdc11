"""`meishi demo`: the main job on a sample workspace, or on an address book of your own."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.command.output import print_json
from meishi.command.serve import check_port_free
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.demo.run import DemoResult

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
    """Import an address book, make a card with a code, and serve the result."""
    from meishi.demo.client import wait_until_healthy
    from meishi.demo.run import ADDRESS_BOOK, demo_environment, locked, run_main_job, served

    root = click.get_current_context().find_root().command
    settings = current_deployment().settings
    source = _readable(file or ADDRESS_BOOK)
    address, number = _place(settings.host, port or settings.port, any_free=once and not port)
    base_url = f"http://{address}:{number}"
    signal.signal(signal.SIGTERM, _interrupt)
    with _data_folder(settings.home, once=once) as home, locked(home):
        _say(f"Data in {home}", quiet=as_json)
        environment = demo_environment(home)
        with served(environment, home / "serve.log", address, number) as server:
            wait_until_healthy(base_url, lambda: server.poll() is None)
            deployment = Deployment(None, environment=environment)
            try:
                result = run_main_job(root, deployment, source, base_url)
            finally:
                deployment.close()
            if as_json:
                print_json(result.document())
            else:
                _print_summary(result, base_url, source)
            if not once:
                _say("Serving until you press Ctrl-C.", quiet=as_json)
                server.wait()


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End by SIGTERM as by Ctrl-C, so that everything is stopped and cleared away."""
    raise KeyboardInterrupt


def _readable(file: Path) -> Path:
    try:
        with file.open("rb") as handle:
            handle.read(1)
    except OSError as error:
        raise OperatorError(
            f"{file} cannot be read: {error.strerror}.", hint="FILE=contacts.vcf names a file."
        ) from error
    return file


def _place(host: str, port: int, *, any_free: bool) -> tuple[str, int]:
    """Return where to serve; raises if the port is taken."""
    if any_free:
        with socket.socket() as probe:
            probe.bind((host, 0))
            return host, int(probe.getsockname()[1])
    check_port_free(host, port)
    return host, port


@contextmanager
def _data_folder(home: Path, *, once: bool) -> Iterator[Path]:
    """Yield the demo's data folder: the lasting one, or a temporary one."""
    if not once:
        yield home / "demo"
        return
    folder = Path(tempfile.mkdtemp(prefix="meishi-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(text)


def _print_summary(result: DemoResult, base_url: str, source: Path) -> None:
    numbers = result.document()
    click.echo(f"Address book: {source.name}, {numbers['cards']} cards")
    click.echo(f"  imported    {numbers['imported']}, of them {numbers['duplicates']} duplicates")
    click.echo(f"  rejected    {numbers['rejected']}")
    for item in result.rejects[:NAMED_REJECTS]:
        click.echo(f"              line {item['line']}: {item['reason']}")
    click.echo(f"Contacts now: {result.contacts}")
    if result.code is not None:
        state = "reads back" if result.code.decodes else "DOES NOT READ BACK"
        click.echo(f"Code of {result.code.contact_name}: {base_url}{result.code.path} ({state})")
    click.echo(f"API: {base_url}/api/openapi.json")
    click.echo(f'Try: curl -H "Authorization: Bearer {result.token}" {base_url}/api/v1/contacts')
    click.echo(f"Done in {numbers['seconds']} s.")
