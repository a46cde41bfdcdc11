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
from contextlib import suppress
from types import FrameType

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError
from meishi.processes import die_with_parent

#: Seconds between two looks at the embedded database.
LOOK_AFTER = 1.0


@click.command()
@click.option("--host", help="The address to listen on; default: the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; default: the setting.")
@click.pass_context
def serve(context: click.Context, *, host: str | None, port: int | None) -> None:
    """Serve the web API until stopped."""
    deployment = current_deployment()
    settings = deployment.settings
    address, number = host or settings.host, port or settings.port
    check_port_free(address, number)
    server = _start_web_server(deployment, address, number)
    database = EmbeddedPostgres(settings.home) if settings.embedded else None
    if database is not None:
        # Started here while the web server is still loading, which reports what is wrong.
        with suppress(OperatorError):
            database.start()
    context.exit(_supervise(server, database))


def check_port_free(host: str, port: int) -> None:
    """Raise if somebody listens there already: the server would share the port in silence."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise OperatorError(
            f"Cannot listen on {host}:{port}: {error.strerror}.",
            hint="Choose another with --host and --port.",
        ) from error


def _start_web_server(deployment: Deployment, host: str, port: int) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    if deployment.settings_file is not None:
        environment["MEISHI_SETTINGS"] = str(deployment.settings_file.absolute())
    return subprocess.Popen(
        [sys.executable, "-m", "meishi.serving", host, str(port)],
        env=environment,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (there is one thread)
    )


def _supervise(server: subprocess.Popen[bytes], database: EmbeddedPostgres | None) -> int:
    """Look after the database until the server ends; return the server's exit code."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while True:
        try:
            code = server.wait(LOOK_AFTER)
        except subprocess.TimeoutExpired:
            if database is not None:
                _look_after(database)
        else:
            if database is not None:
                database.stop()
            return 0 if code == -signal.SIGTERM else code


def _look_after(database: EmbeddedPostgres) -> None:
    """Start the database again if it was lost together with its keeper."""
    try:
        if database.ensure_running():
            click.echo("The embedded PostgreSQL was lost and started again.", err=True)
    except OperatorError as error:
        click.echo(f"{error.message} {error.hint}", err=True)
