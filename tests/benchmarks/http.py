"""The web API against a bare WSGI handler that runs the same SQL, request for request.

Both run under granian with one worker and one thread on the same embedded PostgreSQL, loaded by
`wrk` over loopback in turn. Both run under a role and row security and write the event's row.
What the peer leaves out is authentication, permission checks, validation, setting the role for
each request, savepoints and listeners (see `_bare_wsgi`); it answers the same documents. The
figures are requests/s of ours over the peer's, medians of interleaved pairs. Needs Debian's `wrk`.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
from sqlalchemy import event
from tests.benchmarks._bare_wsgi import SCRIPT_VARIABLE, Script, Statement
from tests.benchmarks._limits import UNREACHED
from tests.processes import free_port, wait_until

from meishi.app import create_app
from meishi.core.identity.contract import Tokens
from meishi.database.roles import RoleNames
from meishi.database.transaction import OpenTransaction
from meishi.settings import load_settings

PAIRS = 9
SECONDS = 2
CONNECTIONS = 4
CONTACTS = 1_000
TARGETS = {"get_one_ratio": 0.35, "list_50_ratio": 0.35, "create_ratio": 0.30, "patch_ratio": 0.30}
OURS = "meishi.serving:application"
PEER = "tests.benchmarks._bare_wsgi:application"
ROOT = "/api/v1/contacts"
#: What a request has of its own, as long as the stamps of `wrk`.
CREATED, PATCHED = "0000000000", "9999999999"
FIRST_NAME = f"Person {CREATED}"


def contact(name: str) -> dict[str, Any]:
    """Return what is sent to create a contact."""
    return {
        "name": {"full": name, "given": "Person", "family": name.rsplit(maxsplit=1)[-1]},
        "organisation": "Lindqvist Arkitekter",
        "title": f"Title {CREATED}",
        "emails": [{"address": f"p{name.rsplit(maxsplit=1)[-1]}@example.com", "types": ["work"]}],
        "phones": [{"number": "+46 70 123 45 67", "types": ["cell"]}],
    }


_AUDIT_ID = re.compile(
    r"(INSERT INTO audit\.entry .*?VALUES \('[0-9a-f-]{36}', )'[0-9a-f-]{36}'", re.DOTALL
)


class Recording:
    """The application in this process, and the statements that it sends for a request."""

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        self.app = create_app(load_settings(environment=environment))
        self.host = self.app.extensions["meishi"]
        assert self.host.signer is not None  # read once, before what is recorded
        self._client = self.app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._seen: list[Statement] = []

    def send(self, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """Send a request and return the answer's document."""
        answer = self._client.open(
            path, method=method, json=document, headers=self._headers | headers
        )
        assert answer.status_code < 300, answer.text
        return answer.json

    def statements(self, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """Return what a request sends besides finding out who sends it."""
        self._seen.clear()
        with self._listening():
            answer = self.send(method, path, document, **headers)
        return answer, [found for found in self._seen if "resolve_token" not in found[0]]

    @contextmanager
    def _listening(self) -> Iterator[None]:
        execute, commit = OpenTransaction.execute, OpenTransaction.commit

        def note_execute(opened: OpenTransaction, statement: str, values: Any) -> Any:
            self._seen.append((statement, dict(values or {})))
            return execute(opened, statement, values)

        def note_commit(opened: OpenTransaction, last: str = "") -> None:
            if last:
                # Each entry of the audit has an id of its own, in the peer too.
                said = _AUDIT_ID.sub(r"\1uuidv7()", last)
                self._seen.append((said.strip().removesuffix(";"), None))
            commit(opened, last)

        def note_cursor(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE")):
                self._seen.append((statement, dict(values or {})))

        event.listen(self.host.engine, "before_cursor_execute", note_cursor)
        try:
            with (
                patch.object(OpenTransaction, "execute", note_execute),
                patch.object(OpenTransaction, "commit", note_commit),
            ):
                yield
        finally:
            event.remove(self.host.engine, "before_cursor_execute", note_cursor)


def prepare(environment: dict[str, str], folder: Path) -> tuple[str, list[str]]:
    """Fill a workspace, record the script; return the token and the contacts' ids."""
    meishi = [sys.executable, "-m", "meishi"]
    created = subprocess.run(
        [*meishi, "init", "--json"], env=environment, check=True, capture_output=True
    )
    token: str = json.loads(created.stdout)["token"]
    recording = Recording(environment, token)
    ids = [
        recording.send("POST", ROOT, contact(f"Person {number:010}"))["id"]
        for number in range(1, CONTACTS + 1)
    ]
    one, create = recording.statements("POST", ROOT, contact(FIRST_NAME))
    contact_id = one["id"]
    _, get = recording.statements("GET", f"{ROOT}/{contact_id}")
    page, list_50 = recording.statements("GET", f"{ROOT}?limit=50")
    change = {"title": f"Title {PATCHED}"}
    _, patch = recording.statements("PATCH", f"{ROOT}/{contact_id}", change, **{"If-Match": "*"})
    script = Script(
        url=recording.app.extensions["meishi_location"].runtime_url,
        session=_session(recording.host, token),
        get=get,
        list_50=list_50,
        create=create,
        patch=patch,
        contact_id=contact_id,
        created_stamp=CREATED,
        patched_stamp=PATCHED,
        next_after=page["next_after"],
        added=json.dumps(one["extensions"], separators=(",", ":")),
    )
    for name in ("get", "list_50", "create", "patch"):
        print(f"{name}: {len(getattr(script, name))} statements besides BEGIN and COMMIT")
    _let_one_role_do_all(recording)
    recording.host.close()
    (folder / "script").write_bytes(pickle.dumps(script))
    return token, ids


def _let_one_role_do_all(recording: Recording) -> None:
    """Let the peer, which never changes its role, read what other plugins are asked for.

    Enrichment says in every contact what it has found of it.
    """
    role = RoleNames(recording.host.settings.deployment).run("crm_contacts")
    location = recording.app.extensions["meishi_location"]
    with psycopg.connect(
        location.administrator_url().replace("+psycopg", "", 1), autocommit=True
    ) as admin:
        for db_schema in ("identity", "meishi_settings", "crm_enrichment"):
            for grant in ("USAGE ON SCHEMA", "SELECT ON ALL TABLES IN SCHEMA"):
                admin.execute(f'GRANT {grant} {db_schema} TO "{role}"'.encode())


def _session(host: Any, token: str) -> list[str]:
    """Return what gives the peer's connection its role and workspace once and for all."""
    with host.scope():
        principal = host.calls.get(Tokens).resolve(token)
    role = RoleNames(host.settings.deployment).run("crm_contacts")
    return [f'SET ROLE "{role}"', f"SET meishi.workspace = '{UUID(str(principal.workspace_id))}'"]


@contextmanager
def running(target: str, environment: dict[str, str], path: str) -> Iterator[int]:
    """Serve with one worker and one thread, and yield the port once it answers."""
    port = free_port()
    command = [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "1", "--no-ws", target),
    ]
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _answers(port, path), f"{target} answers")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in {200, 401}
    except OSError:
        return False
    finally:
        connection.close()


def check_same(token: str, path: str, ours: int, peer: int) -> None:
    """End the benchmark if the two answer a contact or a page differently."""
    for asked in (path, f"{ROOT}?limit=50"):
        answers = []
        for port in (ours, peer):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}{asked}", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                answers.append(json.load(response))
        if answers[0] != answers[1]:
            raise SystemExit(f"the answers to {asked} differ")


#: What `wrk` sends: one line of Lua for each kind of request.
LUA = {
    "get_one": 'path = ids[n % #ids + 1]; return wrk.format("GET", "{root}/" .. path)',
    "list_50": 'return wrk.format("GET", "{root}?limit=50")',
    "create": 'return wrk.format("POST", "{root}", nil, (body:gsub("{stamp}", stamp())))',
    "patch": 'path = ids[n % #ids + 1]; return wrk.format("PATCH", "{root}/" .. path, nil, '
    "'{{\"title\": \"Title ' .. stamp() .. '\"}}')",
}
LUA_HEAD = """
ids = {{{ids}}}
body = [==[{body}]==]
n = {start}
function stamp() return string.format("%010d", n) end
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["If-Match"] = "*"
function request()
  n = n + 1
  {line}
end
"""


class Load:
    """Requests by `wrk`; every run goes on with other names than the one before."""

    def __init__(self, folder: Path, token: str, ids: list[str]) -> None:
        self._file = folder / "request.lua"
        self._token = token
        self._ids = ids
        self._start = 1_000_000

    def per_second(self, kind: str, port: int) -> float:
        """Load one address for a while, and return the requests answered per second."""
        self._start += 1_000_000
        line = LUA[kind].format(root=ROOT, stamp=CREATED)
        head = LUA_HEAD.format(
            ids=",".join(f'"{item}"' for item in self._ids),
            body=json.dumps(contact(FIRST_NAME)),
            start=self._start,
            token=self._token,
            line=line,
        )
        self._file.write_text(head, encoding="utf-8")
        output = subprocess.run(
            [
                *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(self._file)),
                f"http://127.0.0.1:{port}",
            ],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        if "Non-2xx" in output or "Socket errors" in output:
            raise SystemExit(f"not all requests were answered:\n{output}")
        rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
        if rate is None:
            raise SystemExit(f"wrk printed no figure:\n{output}")
        return float(rate[1])


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt install wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
        environment = {**os.environ, **UNREACHED, "MEISHI_HOME": str(folder / "home")}
        token, ids = prepare(environment, folder)
        environment[SCRIPT_VARIABLE] = str(folder / "script")
        path = f"{ROOT}/{ids[0]}"
        ours = stack.enter_context(running(OURS, environment, path))
        peer = stack.enter_context(running(PEER, environment, path))
        check_same(token, path, ours, peer)
        load = Load(folder, token, ids)
        report(measure(load, ours, peer))


def measure(load: Load, ours: int, peer: int) -> dict[str, list[tuple[float, float]]]:
    """Return requests per second of both, pair by pair, for each kind of request."""
    measured: dict[str, list[tuple[float, float]]] = {}
    for kind in LUA:
        load.per_second(kind, ours), load.per_second(kind, peer)
        measured[kind] = []
        for number in range(PAIRS):
            order = (ours, peer) if number % 2 else (peer, ours)
            found = {port: load.per_second(kind, port) for port in order}
            measured[kind].append((found[ours], found[peer]))
        print(kind, [f"{a:.0f}/{b:.0f}" for a, b in measured[kind]])
    return measured


def report(measured: dict[str, list[tuple[float, float]]]) -> None:
    """Print the medians of the ratios, and of both rates."""
    figures: dict[str, float] = {}
    for kind, pairs in measured.items():
        figures[f"{kind}_ratio"] = round(statistics.median(a / b for a, b in pairs), 3)
        figures[f"{kind}_per_s"] = round(statistics.median(a for a, _ in pairs))
        figures[f"{kind}_bare_per_s"] = round(statistics.median(b for _, b in pairs))
    holds = all(figures[name] >= target for name, target in TARGETS.items())
    document = {"benchmark": "http", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
