"""Files that a service makes: asked for there, taken whole, and handed on."""

from __future__ import annotations

from typing import IO, Any, Protocol, cast

import msgspec
from flask import Response, request

from meishi.context import Surroundings, current_scope
from meishi.exports.formats import ExporterNotFound, Format
from meishi.http.files import new_spool, spooled_response
from meishi.http.problem_schema import PROBLEM_TYPE, problem_type
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Reply
from meishi.remote.way import Ways
from meishi.remote.wire import INTERNAL
from meishi.sdk.contract import ListQuery

#: Where a service makes files, by plugin and exporter.
PATH = f"{INTERNAL}/files/<plugin>/<exporter>"

#: Seconds that a service has to make and send a file, all attempts together.
SECONDS = 600.0

_OK, _ERRORS = 200, 400
_RETRY_AFTER = "retry-after"
#: What a service says that does not know what is asked for.
_OLDER = frozenset(map(problem_type, (ExporterNotFound.code, "not-found")))


class _Deployment(Surroundings, Protocol):
    ways: Ways


def file_from_elsewhere(found: Format, wanted: ListQuery, file_name: str) -> Response:
    """Return the file that the service makes which writes a format, or the problem that it has.

    A file is there whole before anything of it is sent: one that breaks off is asked for again, or
    it is a problem.

    :raises RemoteCallError: if there is no answer, or what is no such file
    """
    spool = new_spool()
    try:
        reply = _asked(found, wanted, spool)
    except BaseException:
        spool.close()
        raise
    if reply.status == _OK:
        return spooled_response(spool, found.exporter.media_type, file_name)
    spool.close()
    return _problem(found, reply)


def _asked(found: Format, wanted: ListQuery, spool: IO[bytes]) -> Reply:
    host = cast("_Deployment", current_scope().host)
    host.refuse_held(found.plugin)
    assert found.placement is not None, "it is written elsewhere"
    path = PATH.replace("<plugin>", found.plugin).replace("<exporter>", found.exporter.name)
    document = msgspec.json.encode(wanted)
    reply = host.ways.to(found.placement, SECONDS).file(found.plugin, path, document, spool)
    kind = reply.header("content-type")
    # What stands before a service may answer for it.
    expected = found.exporter.media_type if reply.status == _OK else PROBLEM_TYPE
    if kind != expected or _OK < reply.status < _ERRORS:
        raise _refused(found, f"answered {reply.status} with {kind}, which is no such file")
    return reply


def _problem(found: Format, reply: Reply) -> Response:
    """Return a problem of the service as one of the request that was made here."""
    try:
        document = msgspec.json.decode(reply.body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise _refused(found, f"answered {reply.status} with what is no problem") from error
    if document.get("type") in _OLDER:
        raise _refused(found, "does not know this format; it may be of another version")
    document["instance"] = request.path
    later = reply.header(_RETRY_AFTER)
    headers = {} if later is None else {_RETRY_AFTER: later}
    return Response(msgspec.json.encode(document), reply.status, headers, content_type=PROBLEM_TYPE)


def _refused(found: Format, reason: str) -> RemoteCallError:
    assert found.placement is not None, "it is written elsewhere"
    name = found.exporter.name
    reason = f"{found.placement.url} {reason}"
    return RemoteCallError(found.plugin, name, reason, may_have_happened=False)
