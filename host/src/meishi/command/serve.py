"""`meishi serve`: the whole system in one command.

This process is the supervisor: it keeps the embedded database, runs the web server as a child
and ends with it. The child dies with its parent, so nothing is left behind.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.command.interruption import heed
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError
from meishi.processes import die_with_parent

WebServer = subprocess.Popen[bytes]

#: Seconds between two looks at the embedded database.
LOOK_AFTER = 1.0


@click.command()
@click.option("--host", help="The address to listen on; default: the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; default: the setting.")
@click.pass_context
def serve(context: click.Context, *, host: str | None, port: int | None) -> None:
    """Serve the web API until stopped."""
    supervisor = _Supervisor()
    heed(supervisor.stop)
    deployment = current_deployment()
    settings = deployment.settings
    address, number = host or settings.host, port or settings.port
    free_port(address, number)
    database = EmbeddedPostgres(settings.home) if settings.embedded else None
    supervisor.start(_web_server(deployment, address, number))
    context.exit(supervisor.run(database))


def base_url(host: str, port: int) -> str:
    """Return where a server is, as a browser has it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def free_port(host: str, port: int) -> int:
    """Return the port, or any free one for 0; raise if somebody listens there already.

    The web server itself would share a port in silence.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            return int(probe.getsockname()[1])
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name of a host"
        raise OperatorError(
            f"Cannot listen on {base_url(host, port).removeprefix('http://')}: {reason}.",
            hint="Choose another with MEISHI_HOST and --port.",
        ) from error


def _web_server(deployment: Deployment, host: str, port: int) -> Callable[[], WebServer]:
    # Where we listen is where people outside reach us, unless `public_url` says otherwise.
    environment = {**os.environ, "MEISHI_HOST": host, "MEISHI_PORT": str(port)}
    if deployment.settings_file is not None:
        environment["MEISHI_SETTINGS"] = str(deployment.settings_file.absolute())
    return lambda: subprocess.Popen(
        [sys.executable, "-m", "meishi.serving", host, str(port)],
        env=environment,
        # Out of reach of the terminal: what Ctrl-C means for it is told by us, once.
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (there is one thread)
    )


class _Supervisor:
    """Runs the web server, and ends it when a signal comes, however early."""

    def __init__(self) -> None:
        self._server: WebServer | None = None
        self._stopped = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End the web server, or never start it."""
        self._stopped = True
        if self._server is not None:
            self._server.terminate()

    def start(self, launch: Callable[[], WebServer]) -> None:
        """Start the web server, unless all is over already."""
        if self._stopped:
            return
        self._server = launch()
        if self._stopped:
            # The signal came before there was anybody to tell.
            self._server.terminate()

    def run(self, database: EmbeddedPostgres | None) -> int:
        """Look after the database until the server ends; return the server's exit code."""
        if self._server is None:
            return 0
        if database is not None:
            # Started here while the web server is still loading, which reports what is wrong.
            with suppress(OperatorError):
                database.start()
        while True:
            try:
                code = self._server.wait(LOOK_AFTER)
            except subprocess.TimeoutExpired:
                if database is not None:
                    _look_after(database)
            else:
                if database is not None:
                    database.stop()
                return _exit_code(code)


def _exit_code(code: int) -> int:
    """Return what the server's end means for us; one that was killed has failed."""
    if code in (0, -signal.SIGTERM):
        return 0
    if code < 0:
        click.echo(f"Error: The web server was ended by signal {-code}.", err=True)
        return OperatorError.exit_code
    return code


def _look_after(database: EmbeddedPostgres) -> None:
    """Start the database again if it was lost together with its keeper."""
    try:
        if database.ensure_running():
            click.echo("The embedded PostgreSQL was lost and started again.", err=True)
    except OperatorError as error:
        click.echo(f"{error.message} {error.hint}", err=True)
