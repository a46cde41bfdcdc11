"""The main job, step by step: address book → contacts → card → codes → page, with numbers."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from meishi.command.deployment import Deployment
from meishi.command.interruption import Interruption
from meishi.core.identity.contract import Setup, Tokens, Workspaces
from meishi.database.embedded.folders import explain
from meishi.demo.acquaintances import introduce
from meishi.demo.client import DemoClient, ShownContact
from meishi.demo.services import ServiceNumbers, service_numbers, wait_for_services
from meishi.errors import OperatorError
from meishi.lifecycle.states import PluginState
from meishi.processes import die_with_parent

WORKSPACE = "demo"
OWNER = "demo@meishi.example"
ADDRESS_BOOK = Path(__file__).parent / "address_book.vcf"

#: The plugins that the main job goes through.
NEEDED = ("crm_contacts", "crm_enrichment", "crm_graph", "crm_viral", "qr")

#: Seconds that the server may take to stop: its requests have ten of them, its worker as many.
STOPPING = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the main job did; `shown` is None where no contact came in."""

    imported: dict[str, int]
    rejects: list[dict[str, Any]]
    contacts: int
    relationships: int
    api_status: int
    shown: ShownContact | None
    services: ServiceNumbers
    token: str
    console: str
    seconds: float

    def document(self) -> dict[str, Any]:
        """Return the result as one flat document."""
        return {
            **self.imported,
            "contacts": self.contacts,
            "relationships": self.relationships,
            "code_decodes": self.shown is not None and self.shown.code.decodes,
            "api_status": self.api_status,
            "landing_status": None if self.shown is None else self.shown.page.status,
            "search_hits": 0 if self.shown is None else len(self.shown.search.hits),
            **self.services.document(),
            "seconds": round(self.seconds, 2),
        }


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Keep a second demo out of the same data folder."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (home / "demo.lock").open("w")
    except OSError as error:
        raise explain(error, home) from error
    with lock as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError(
                "The demo is running already in this data folder.",
                hint="Stop it, or use `--once`, which takes a folder of its own.",
            ) from error
        yield


def demo_environment(home: Path, url: str) -> dict[str, str]:
    """Return an environment in which Meishi uses this folder and its own PostgreSQL only.

    Codes lead to `url`, where the demo itself is served.
    """
    foreign = {"MEISHI_DATABASE_URL", "MEISHI_DATABASE_ADMIN_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {
        "MEISHI_HOME": str(home),
        "MEISHI_SETTINGS": os.devnull,
        "MEISHI_PUBLIC_URL": url,
    }


def require_plugins(environment: Mapping[str, str]) -> None:
    """Raise if a plugin that the main job needs does not run in this environment."""
    statuses = Deployment(None, environment=environment).plugins.statuses
    for name in NEEDED:
        status = statuses.get(name)
        if status is None or status.state is not PluginState.ACTIVE:
            state = f"{status.state.value}: {status.reason}" if status else "not installed"
            raise OperatorError(
                f"The demo needs the plugin {name}, which is {state}.",
                hint=f"The demo needs these to be active: {', '.join(NEEDED)}.",
            )


@contextmanager
def served(
    environment: Mapping[str, str], log: Path, host: str, port: int, interruption: Interruption
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `meishi serve` beside us until the end of the block."""
    server: subprocess.Popen[bytes] | None = None
    command = [sys.executable, "-m", "meishi", "serve", "--host", host, "--port", str(port)]
    try:
        try:
            with log.open("wb") as output, interruption.held():
                server = subprocess.Popen(
                    command,
                    env=environment,
                    stdout=output,
                    stderr=output,
                    # Out of reach of the terminal: it hears of Ctrl-C from us.
                    start_new_session=True,
                    preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (one thread)
                )
            yield server
        finally:
            interruption.end()
    finally:
        if server is not None:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPING)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def run_main_job(
    meishi: click.Command, deployment: Deployment, file: Path, base_url: str
) -> DemoResult:
    """Import `file` by the command line, see it over HTTP, make codes, follow and search.

    `meishi` is the root command, under which plugins have theirs.
    """
    started = time.monotonic()
    token = _token(deployment)
    report = _import(meishi, deployment, file)
    client = DemoClient(base_url, token)
    try:
        status, total, contacts = client.contacts()
        relationships = introduce(client) if file == ADDRESS_BOOK else 0
        shown = client.show(_most_telling(contacts)) if contacts else None
        _begin_programme(meishi, deployment, client)
        wait_for_services(deployment.host())
        services = service_numbers(client, deployment.host().clock())
    finally:
        client.close()
    rejects = report.pop("rejects")
    return DemoResult(
        imported=report,
        rejects=rejects,
        contacts=total,
        relationships=relationships,
        api_status=status,
        shown=shown,
        services=services,
        token=token,
        console=_console(deployment, base_url),
        seconds=time.monotonic() - started,
    )


def _token(deployment: Deployment) -> str:
    """Return a new token for the demo's workspace, which is created on the first run."""
    host = deployment.host()
    with host.scope():
        known = {item.slug: item.id for item in host.calls.get(Workspaces).all()}
    workspace = known.get(WORKSPACE) or host.new_id()
    with host.scope(workspace=workspace):
        workspaces = host.calls.get(Workspaces)
        if WORKSPACE in known:
            owner = workspaces.owner()
        else:
            owner = workspaces.found(
                slug=WORKSPACE, name="Demo", owner_email=OWNER, owner_name="Demo owner"
            )
    with host.scope(workspace=workspace):
        return host.calls.get(Tokens).issue(user_id=owner.id, name="demo").secret


def _console(deployment: Deployment, base_url: str) -> str:
    """Return where one signs in, or first of all chooses the demo owner's password."""
    host = deployment.host()
    setup = host.calls.get(Setup)
    with host.scope():
        if not setup.needed():
            return f"{base_url}/sign-in"
        secret = setup.link().rpartition("=")[2]
    return f"{base_url}/setup?token={secret}&email={quote(OWNER)}"


def _begin_programme(meishi: click.Command, deployment: Deployment, client: DemoClient) -> None:
    """Let a referral programme run, with a past, unless one runs already."""
    if not client.get("/api/v1/viral/programmes")["items"]:
        _run(meishi, deployment, ["viral", "sample", "--json", "--workspace", WORKSPACE])


def _import(meishi: click.Command, deployment: Deployment, file: Path) -> dict[str, Any]:
    """Run `meishi contacts import` in this process, and return what it printed."""
    arguments = ["contacts", "import", "--json", "--workspace", WORKSPACE, "--", str(file)]
    return _run(meishi, deployment, arguments)


def _run(meishi: click.Command, deployment: Deployment, arguments: list[str]) -> dict[str, Any]:
    """Run a command of Meishi in this process, and return the document that it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        meishi.main(arguments, obj=deployment, standalone_mode=False)
    report: dict[str, Any] = json.loads(printed.getvalue())
    return report


def _most_telling(contacts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the contact with the most to put on a card."""
    return max(contacts, key=lambda item: sum(map(bool, item.values())))
