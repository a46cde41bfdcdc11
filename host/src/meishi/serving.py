"""The web server process: checks what an operator should hear, then serves with granian."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from contextlib import suppress
from functools import cache, partial

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.app import create_app
from meishi.command.deployment import Deployment
from meishi.command.serve import base_url
from meishi.core.identity.contract import Setup
from meishi.database.location import locate
from meishi.errors import OperatorError
from meishi.events.subscriptions import SubscriptionBook
from meishi.host import Host
from meishi.processes import end_with_parent, told_to_end
from meishi.served import ServedApplication
from meishi.settings import LogLevel, Settings, load_settings
from meishi.turns import threads_needed

#: Octets that a connection holds back: the line of a request and its headers must fit in.
HEAD_BYTES = 64 * 1024

#: Seconds that a web worker has to finish its requests.
GRACE = 10


def application() -> ServedApplication:
    """Build the application of one web worker from its environment.

    What is there now stays until the end: the garbage collector need not look at it again, nor
    while it is made, when that takes a quarter of the time.
    """
    gc.disable()
    end_with_parent(signal.SIGTERM)
    ending = told_to_end()

    settings = load_settings()
    # Our own database may be away, too: it is looked for again until it is found.
    located = cache(partial(locate, settings))

    def make() -> Flask:
        app = create_app(settings, location=located())
        host: Host = app.extensions["meishi"]
        host.feed.room.heed(ending)
        return app

    served = ServedApplication(make, settings)
    gc.collect()
    gc.freeze()
    gc.enable()
    return served


def run(host: str, port: int) -> None:
    """Prepare the database, tell what is wrong with plugins, and serve until stopped.

    granian forks its workers from this process, so nothing here may start a thread. Each
    worker joins the embedded database by itself.
    """
    deployment = Deployment(None)
    try:
        _subscribe(deployment.host())
        link = _setup_link(deployment.host())
        for status in deployment.plugins.faults():
            click.echo(f"Plugin {status.name} is {status.state.value}: {status.reason}", err=True)
        settings = deployment.settings
    finally:
        deployment.close()
    _serve(settings, host, port, link)


def _subscribe(host: Host) -> None:
    """Let all that is served be heard of by who follows, also before a worker is there.

    A new subscription begins where it is remembered: what had happened before would be missed. The
    worker remembers those for which there is no database for a moment, and those of a service: it
    may start before the main deployment, whose workspaces they begin with.
    """
    if host.settings.only:
        return
    book = SubscriptionBook(host.within, host.workspace_ids)
    with suppress(DBAPIError, PoolTimeout):
        for subscriber in host.subscribers():
            if not host.is_held(subscriber.plugin):
                book.add(subscriber)


def _setup_link(host: Host) -> str | None:
    """Return where the deployment is set up, if nobody can sign in yet."""
    if host.settings.only:
        return None
    setup = host.calls.get(Setup)
    with host.scope():
        return setup.link() if setup.needed() else None


def _serve(settings: Settings, host: str, port: int, link: str | None) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    click.echo(f"Serving {base_url(host, port)} (API: /api/docs)", err=True)
    if link is not None:
        click.echo(f"Nobody who runs this deployment can sign in yet. Set it up: {link}", err=True)
    quiet = settings.log_level is not LogLevel.DEBUG
    if threads_needed(settings) > settings.threads:
        # Most of them wait, and turns see to it.
        logging.getLogger("_granian").addFilter(lambda said: "Python threads" not in str(said.msg))
    Granian(
        "meishi.serving:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=settings.workers,
        blocking_threads=threads_needed(settings),
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=HEAD_BYTES),
        workers_kill_timeout=GRACE,
        respawn_failed_workers=True,
        log_level=LogLevels.warning if quiet else LogLevels.debug,
    ).serve()


if __name__ == "__main__":
    try:
        run(sys.argv[1], int(sys.argv[2]))
    except OperatorError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.hint:
            click.echo(f"Hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
