"""The peer of the HTTP benchmark: a bare WSGI handler that runs the application's own SQL.

No framework, no validation, no authentication, no events: it sends the statements that the
application was seen to send, inside BEGIN … COMMIT, on one connection that has role and
workspace from the start. What it writes is what the application wrote, under a fresh id.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Names the file with the pickled `Script`.
SCRIPT_VARIABLE = "BARE_WSGI_SCRIPT"

Statement = tuple[str, dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Script:
    """What the application sent for each request, and for which contact and name."""

    url: str
    session: list[str]
    get: list[Statement]
    list_50: list[Statement]
    create: list[Statement]
    patch: list[Statement]
    contact_id: str
    name: str
    title: str


class BareHandler:
    """Answers the four requests of the benchmark."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._connection = psycopg.connect(script.url, autocommit=True, options="-c timezone=UTC")
        for statement in script.session:
            self._connection.execute(statement)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method, last = environ["REQUEST_METHOD"], environ["PATH_INFO"].rpartition("/")[2]
        with self._connection.transaction():
            body = self._answers[method, last == "contacts"](self, environ, last)
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _get(self, _environ: WSGIEnvironment, last: str) -> bytes:
        rows = self._run(self._script.get, UUID(last), {})
        return _document(rows[0]).encode()

    def _list(self, _environ: WSGIEnvironment, _last: str) -> bytes:
        rows = self._run(self._script.list_50, UUID(self._script.contact_id), {})
        documents = ",".join(_document(row) for row in rows)
        return f'{{"items":[{documents}],"next_after":null}}'.encode()

    def _create(self, environ: WSGIEnvironment, _last: str) -> bytes:
        sent = msgspec.json.decode(environ["wsgi.input"].read())
        rows = self._run(self._script.create, uuid7(), {self._script.name: sent["name"]["full"]})
        return _document(rows[0]).encode()

    def _patch(self, environ: WSGIEnvironment, last: str) -> bytes:
        sent = msgspec.json.decode(environ["wsgi.input"].read())
        rows = self._run(self._script.patch, UUID(last), {self._script.title: sent["title"]})
        return _document(rows[0]).encode()

    def _run(
        self, statements: list[Statement], contact_id: UUID, texts: dict[str, str]
    ) -> list[tuple[Any, ...]]:
        """Run statements for another contact; return the rows of the last that has any."""
        texts = {self._script.contact_id: str(contact_id), **texts}
        rows: list[tuple[Any, ...]] = []
        for statement, values in statements:
            if values is None:
                cursor = self._connection.execute(_renewed(statement, contact_id, texts))
            else:
                fresh = {name: _renewed(value, contact_id, texts) for name, value in values.items()}
                if "version" in fresh and rows:
                    fresh["version"] = rows[0][0]
                cursor = self._connection.execute(statement, fresh)
            if cursor.description:
                rows = cursor.fetchall() or rows
        return rows

    _answers: ClassVar[
        dict[tuple[str, bool], Callable[[BareHandler, WSGIEnvironment, str], bytes]]
    ] = {
        ("GET", False): _get,
        ("GET", True): _list,
        ("POST", True): _create,
        ("PATCH", False): _patch,
    }


def _document(row: tuple[Any, ...]) -> str:
    """Return the one JSON document among the columns of a row."""
    return next(item for item in row if isinstance(item, str) and item.startswith("{"))


def _renewed(value: Any, contact_id: UUID, texts: dict[str, str]) -> Any:
    """Return a value as it would be for another contact."""
    if isinstance(value, str):
        for old, new in texts.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, datetime):
        return datetime.now(UTC)
    if isinstance(value, UUID):
        return contact_id if str(value) in texts else value
    if isinstance(value, bytes):
        return os.urandom(len(value))
    if isinstance(value, list):
        return [_renewed(item, contact_id, texts) for item in value]
    return value


def application() -> BareHandler:
    """Build the handler from the script that the benchmark left."""
    script = pickle.loads(Path(os.environ[SCRIPT_VARIABLE]).read_bytes())
    assert isinstance(script, Script)
    return BareHandler(script)
