"""`meishi serve`: the whole system in one command.

This process is the supervisor: it keeps the embedded database, runs the web server as a child
and ends with it; beside an embedded database it runs the worker, too. Children die with their
parent, so nothing is left behind.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import click

from meishi.command.crew import recruited
from meishi.command.deployment import Deployment, current_deployment
from meishi.command.interruption import heed
from meishi.command.keeping import LOOK_AFTER, look_after
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError
from meishi.processes import die_with_parent

WebServer = subprocess.Popen[bytes]


@click.command()
@click.option("--host", help="The address to listen on; default: the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; default: the setting.")
@click.option(
    "--only",
    multiple=True,
    metavar="PLUGIN",
    help="Serve this plugin alone, to the main deployment that `main_url` names; repeatable.",
)
@click.pass_context
def serve(
    context: click.Context, *, host: str | None, port: int | None, only: tuple[str, ...]
) -> None:
    """Serve the web API until stopped."""
    supervisor = _Supervisor()
    heed(supervisor.stop)
    deployment = current_deployment()
    if only:
        deployment.limit_to(only)
    settings = deployment.settings
    address, number = host or settings.host, port or settings.port
    free_port(address, number)
    supervisor.start(_web_server(deployment, address, number))
    beside = _Beside(deployment, address, number) if settings.embedded else None
    context.exit(supervisor.run(beside))


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
    environment = _environment(deployment, host, port)
    return lambda: subprocess.Popen(
        [sys.executable, "-m", "meishi.serving", host, str(port)],
        env=environment,
        # Out of reach of the terminal: what Ctrl-C means for it is told by us, once.
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (there is one thread)
    )


def _environment(deployment: Deployment, host: str, port: int) -> dict[str, str]:
    # Where we listen is where people outside reach us, unless `public_url` says otherwise.
    return {**deployment.environment(), "MEISHI_HOST": host, "MEISHI_PORT": str(port)}


class _Beside:
    """What runs beside the web server where the database is our own: that, and the worker."""

    def __init__(self, deployment: Deployment, host: str, port: int) -> None:
        settings = deployment.settings
        self._database = EmbeddedPostgres(settings.home)
        self._crew = recruited(
            _environment(deployment, host, port),
            processes=settings.worker_processes,
            threads=settings.worker_threads,
            jobs=settings.worker_jobs,
            level=settings.log_level,
        )
        self._address = (host, port)
        self._served = False

    def start(self) -> None:
        """Start the database while the web server is still loading, which reports what is wrong."""
        with suppress(OperatorError):
            self._database.start()

    def look_after(self) -> None:
        """Replace what was lost. The worker begins once the web server listens.

        By then the database is up to date, and what is wrong with plugins was said.
        """
        look_after(self._database)
        self._served = self._served or _listens(*self._address)
        if self._served:
            self._crew.look()

    def end(self, hurried: Callable[[], bool]) -> None:
        """End the worker, then the database."""
        self._crew.end(hurried)
        self._database.stop()


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=LOOK_AFTER).close()
    except OSError:
        return False
    return True


class _Supervisor:
    """Runs the web server, and ends it when a signal comes, however early."""

    def __init__(self) -> None:
        self._server: WebServer | None = None
        self._signals = 0

    @property
    def _stopped(self) -> bool:
        return self._signals > 0

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End the web server, or never start it."""
        self._signals += 1
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

    def run(self, beside: _Beside | None) -> int:
        """Look after what runs beside until the server ends; return the server's exit code."""
        if self._server is None:
            return 0
        if beside is not None:
            beside.start()
        while True:
            try:
                code = self._server.wait(LOOK_AFTER)
            except subprocess.TimeoutExpired:
                if beside is not None and not self._stopped:
                    beside.look_after()
            else:
                if beside is not None:
                    beside.end(lambda: self._signals > 1)
                return _exit_code(code)


def _exit_code(code: int) -> int:
    """Return what the server's end means for us; one that was killed has failed."""
    if code in (0, -signal.SIGTERM):
        return 0
    if code < 0:
        click.echo(f"Error: The web server was ended by signal {-code}.", err=True)
        return OperatorError.exit_code
    return code
