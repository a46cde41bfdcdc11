"""The peer of the HTTP benchmark: a bare WSGI handler that runs the application's own SQL.

It sends the statements that the application was seen to send, between BEGIN and COMMIT, on one
connection. It runs under the same role and row security, set once for its session, and writes
the event's row with the application's INSERT, which goes out with the COMMIT and brings the role
that it needs along. It has no framework, authentication, permission check, validation, other
change of role, savepoint or listener. What it writes is what the application wrote, under a
fresh id and the name that was sent; what changes from request to request is found once, at the
start. What enrichment adds to a contact is asked for, and is always nothing: no worker runs.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Names the file with the pickled `Script`.
SCRIPT_VARIABLE = "BARE_WSGI_SCRIPT"

PAGE = 50

#: What marks a statement that asks for what another plugin adds: nothing yet, in the benchmark.
_OF_OTHERS = "crm_enrichment."

Statement = tuple[str, dict[str, Any] | None]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Script:
    """What the application sent for each request, for which contact, and with which numbers."""

    url: str
    session: list[str]
    get: list[Statement]
    list_50: list[Statement]
    create: list[Statement]
    patch: list[Statement]
    contact_id: str
    created_stamp: str
    patched_stamp: str
    next_after: str
    added: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one request has for itself: the contact, and both texts as templates name them."""

    contact_id: UUID
    texts: Mapping[str, str]


Maker = Callable[[Fresh], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, the values that are always the same, and how the others are made."""

    statement: str
    constants: dict[str, Any]
    makers: tuple[tuple[str, Maker], ...]
    versioned: bool
    reads: bool


class Request:
    """The statements of one kind of request, ready to be sent for any contact."""

    def __init__(self, statements: list[Statement], contact_id: str, stamp: str = "") -> None:
        names = {contact_id: "id", **({stamp: "stamp"} if stamp else {})}
        self._steps = [
            _step(statement, values, names)
            for statement, values in statements
            if values is not None
        ]
        last = "".join(f"{statement}; " for statement, values in statements if values is None)
        self._commit = _template(f"{last}COMMIT", names)

    def run(self, cursor: psycopg.Cursor[Any], contact_id: UUID, stamp: str = "") -> Rows:
        """Run all in one transaction; return the rows of the last statement that reads contacts."""
        fresh = Fresh(contact_id, {"id": str(contact_id), "stamp": stamp})
        rows: Rows = []
        _send(cursor, "BEGIN")
        try:
            for step in self._steps:
                values = {**step.constants, **{name: make(fresh) for name, make in step.makers}}
                if step.versioned:
                    values["version"] = rows[0][0]
                cursor.execute(step.statement, values)
                found = cursor.fetchall() if cursor.description else []
                if step.reads:
                    rows = found
            _send(cursor, self._commit % fresh.texts)
        except psycopg.Error:
            _send(cursor, "ROLLBACK")
            raise
        return rows


class BareHandler:
    """Answers the four requests of the benchmark."""

    def __init__(self, script: Script) -> None:
        self._contact_id = UUID(script.contact_id)
        self._added = f',"extensions":{script.added}}}'
        self._tail = f'],"next_after":"{script.next_after}"}}'
        self._get = Request(script.get, script.contact_id)
        self._list = Request(script.list_50, script.contact_id)
        self._create = Request(script.create, script.contact_id, script.created_stamp)
        self._patch = Request(script.patch, script.contact_id, script.patched_stamp)
        connection = psycopg.connect(script.url, autocommit=True, options="-c timezone=UTC")
        for statement in script.session:
            connection.execute(statement)
        self._cursor = connection.cursor()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        body = self._answer(environ).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> str:
        method, last = environ["REQUEST_METHOD"], environ["PATH_INFO"].rpartition("/")[2]
        if method == "POST":
            stamp = msgspec.json.decode(environ["wsgi.input"].read())["name"]["family"]
            return self._document(self._create.run(self._cursor, uuid7(), stamp))
        if method == "PATCH":
            title = msgspec.json.decode(environ["wsgi.input"].read())["title"]
            return self._document(
                self._patch.run(self._cursor, UUID(last), title.rpartition(" ")[2])
            )
        if last == "contacts":
            rows = self._list.run(self._cursor, self._contact_id)
            items = [text[:-1] + self._added for _, text in sorted(rows)[:PAGE]]
            return f'{{"items":[{",".join(items)}{self._tail}'
        return self._document(self._get.run(self._cursor, UUID(last)))

    def _document(self, rows: Rows) -> str:
        """Return the document of a contact, which stands beside its version."""
        document: str = rows[0][1]
        return document[:-1] + self._added


def _send(cursor: psycopg.Cursor[Any], commands: str) -> None:
    """Run commands that return nothing, in one round trip."""
    result = cursor.connection.pgconn.exec_(commands.encode())
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)


def _step(statement: str, values: dict[str, Any], names: Mapping[str, str]) -> Step:
    makers = {name: _maker(value, names) for name, value in values.items()}
    if statement.lstrip().startswith("INSERT"):
        makers |= {name: make for name, make in _new_ids(values).items() if makers[name] is None}
    reads = statement.startswith("SELECT") and _OF_OTHERS not in statement
    return Step(
        statement=statement,
        constants={name: value for name, value in values.items() if makers[name] is None},
        makers=tuple((name, make) for name, make in makers.items() if make is not None),
        versioned="version" in values,
        reads=reads,
    )


def _new_ids(values: Mapping[str, Any]) -> dict[str, Maker]:
    """Return what makes the ids of rows that come in together, as those of a history."""
    return {
        name: _ids_maker(len(value))
        for name, value in values.items()
        if isinstance(value, list) and all(isinstance(item, UUID) for item in value)
    }


def _ids_maker(size: int) -> Maker:
    return lambda _: [uuid7() for _ in range(size)]


def _maker(value: Any, names: Mapping[str, str]) -> Maker | None:
    """Return what makes a value for another contact; None if it is the same for all."""
    if isinstance(value, str) and any(old in value for old in names):
        return _text_maker(_template(value, names))
    if isinstance(value, datetime):
        return lambda _: datetime.now(UTC)
    if isinstance(value, UUID) and str(value) in names:
        return lambda fresh: fresh.contact_id
    if isinstance(value, bytes):
        size = len(value)
        return lambda _: os.urandom(size)
    if isinstance(value, list):
        return _list_maker(value, names)
    return None


def _text_maker(template: str) -> Maker:
    return lambda fresh: template % fresh.texts


def _list_maker(items: list[Any], names: Mapping[str, str]) -> Maker | None:
    makers = [_maker(item, names) for item in items]
    if not any(makers):
        return None
    both = list(zip(items, makers, strict=True))
    return lambda fresh: [make(fresh) if make else item for item, make in both]


def _template(written: str, names: Mapping[str, str]) -> str:
    """Return a text for the operator `%`, with names in place of what changes."""
    template = written.replace("%", "%%")
    for old, name in names.items():
        template = template.replace(old, f"%({name})s")
    return template


def application() -> BareHandler:
    """Build the handler from the script that the benchmark left."""
    script = pickle.loads(Path(os.environ[SCRIPT_VARIABLE]).read_bytes())
    assert isinstance(script, Script)
    return BareHandler(script)
