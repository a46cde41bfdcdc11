"""Problems (RFC 9457): the one shape of every error that leaves the web API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from meishi.calls.failures import CallFailed
from meishi.events.signals import EventHandlerFailed
from meishi.http.outdated import outdated_plugins
from meishi.http.problem_page import page_of_problems
from meishi.http.problem_schema import (
    PROBLEM_TYPE,
    UNKNOWN_FIELD,
    phrase_code,
    phrase_of,
    problem_type,
)
from meishi.logs import logged, logger
from meishi.remote.errors import RemoteCallError
from meishi.sdk.contract import DomainError, FieldError

#: Errors that name a module; what went wrong is their cause.
_WRAPPERS = (CallFailed, EventHandlerFailed)

#: SQLSTATEs of passing trouble: a lock not had in time, a deadlock, colliding transactions.
_BUSY = frozenset({"55P03", "40P01", "40001"})

#: The first number behind the statuses of errors.
_STATUS_END = 600

#: What is said to programs where nobody has said anything of the error itself.
_SENTENCES: dict[int | None, str] = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address.",
    405: "This address does not know the method; `Allow` names those that it knows.",
}

#: Codes and titles of problems that are no declared errors, and pass.
DATABASE_UNAVAILABLE = ("database-unavailable", "Database unavailable")
BUSY = ("busy", "Busy")
OUTDATED = ("plugin-outdated", "Module being updated")
AWAY = ("plugin-unavailable", "Module unavailable")

_RETRY = {"Retry-After": "2"}

#: Codes of errors, by how marshmallow's sentences about them begin.
_CODES = {
    "Missing data for required field.": "required",
    UNKNOWN_FIELD.removesuffix("."): "unknown-field",
}


class Unauthenticated(DomainError):
    """The request says not, or not credibly, who makes it."""

    code = "unauthenticated"
    title = "Authentication needed"
    status = 401


def problem(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document; `code` becomes its stable `type`. On public pages, a page."""
    page = page_of_problems()
    if page is not None:
        response = page(status, title, detail)
        response.headers.update(headers or {})
        return response
    document: dict[str, Any] = {
        "type": problem_type(code),
        "title": title,
        "status": status,
        "instance": request.path,
    }
    if detail:
        document["detail"] = detail
    if errors:
        document["errors"] = errors
    response = Response(msgspec.json.encode(document), status, content_type=PROBLEM_TYPE)
    response.headers.update(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="meishi"'
    return response


def install_problem_handlers(app: Flask) -> None:
    """Answer every error with a problem; a traceback never leaves the house."""
    app.register_error_handler(DomainError, _domain_problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected_problem)


def _domain_problem(error: DomainError) -> Response:
    if not _well_declared(error):
        return _unexpected_problem(error)
    return problem(error.status, error.code, error.title, error.detail, errors=error.errors)


def _well_declared(error: DomainError) -> bool:
    """Whether a declared error carries all that a problem is made of; plugins declare them."""
    code, title, status = (getattr(error, name, None) for name in ("code", "title", "status"))
    return (
        isinstance(code, str)
        and isinstance(title, str)
        and isinstance(status, int)
        and HTTPStatus.BAD_REQUEST <= status < _STATUS_END
        and all(isinstance(item, FieldError) for item in error.errors)
    )


def _known_status(code: int | None) -> HTTPStatus:
    """Return a status that clients know; an unassigned one counts as its class (RFC 9110, 15)."""
    try:
        return HTTPStatus(code or HTTPStatus.INTERNAL_SERVER_ERROR)
    except ValueError:
        client = HTTPStatus.BAD_REQUEST <= (code or 0) < HTTPStatus.INTERNAL_SERVER_ERROR
        return HTTPStatus.BAD_REQUEST if client else HTTPStatus.INTERNAL_SERVER_ERROR


def _http_problem(error: HTTPException) -> Response:
    status = _known_status(error.code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unexpected_problem(getattr(error, "original_exception", None) or error)
    title = phrase_of(status)
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in {"content-type", "content-length"}
    }
    data = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if isinstance(messages, dict):
        return problem(
            status, "invalid-request", title, "Some values are missing or wrong.",
            errors=list(_field_errors(messages)), headers=headers,
        )  # fmt: skip
    return problem(status, phrase_code(status), title, _said(error), headers=headers)


def _said(error: HTTPException) -> str | None:
    """Return what an error says; its class speaks to people in front of browsers."""
    if error.description == type(error).description:
        return _SENTENCES.get(error.code, error.description)
    return error.description


def _field_errors(messages: Mapping[str, Any]) -> Iterator[FieldError]:
    """Turn marshmallow's nested messages, by location, into pointers and sentences."""
    for location, content in messages.items():
        base = "" if location in {"json", "form"} else f"/{location}"
        yield from _walk(base, content)


def _walk(pointer: str, content: Any) -> Iterator[FieldError]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _walk(pointer + step, value)
    elif isinstance(content, list):
        for item in content:
            yield from _walk(pointer, item)
    else:
        message = str(content)
        found = (code for said, code in _CODES.items() if message.startswith(said))
        yield FieldError(pointer, next(found, "invalid"), message)


def _unexpected_problem(error: Exception) -> Response:
    with logged(**({"correlation": g.correlation} if "correlation" in g else {})):
        return _logged_problem(error)


def _logged_problem(error: Exception) -> Response:
    log = logger(current_app.extensions["meishi"].settings.log_level)
    cause: BaseException = error
    plugin = None
    while isinstance(cause, _WRAPPERS) and cause.__cause__ is not None:
        if isinstance(cause, RemoteCallError):
            break
        plugin, cause = cause.plugin, cause.__cause__
    if isinstance(cause, DomainError):
        code = repr(getattr(cause, "code", None))
        log.error("undeclared_error", path=request.path, plugin=plugin, code=code, error=str(error))
    elif isinstance(cause, RemoteCallError):
        log.error("plugin_unavailable", path=request.path, plugin=cause.plugin, error=str(cause))
        known = (
            "It may have been done all the same."
            if cause.may_have_happened
            else "Nothing was done."
        )
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, *AWAY,
            f"The module {cause.plugin} does not answer now; try again in a moment. {known}",
            headers=_RETRY,
        )  # fmt: skip
    elif database_is_away(cause):
        log.error("database_unavailable", path=request.path, error=str(cause))
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, *DATABASE_UNAVAILABLE,
            "Try again in a moment.", headers=_RETRY,
        )  # fmt: skip
    elif _is_busy(cause):
        log.warning("database_busy", path=request.path, error=str(cause))
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, *BUSY,
            "Others are at work on the same; try again in a moment.", headers=_RETRY,
        )  # fmt: skip
    elif outdated := _outdated(cause, plugin):
        log.error("plugin_outdated", path=request.path, plugins=outdated, exc_info=error)
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, *OUTDATED,
            "It was upgraded, and this process is still to be replaced; try again in a moment.",
            headers=_RETRY,
        )  # fmt: skip
    else:
        log.error("unexpected_error", path=request.path, plugin=plugin, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Internal error",
        "Something went wrong on our side; it was recorded.",
    )  # fmt: skip


def database_is_away(error: BaseException) -> bool:
    """Whether the connection failed, rather than a statement on it."""
    orig = _driver_error(error)
    return isinstance(orig, psycopg.OperationalError) and (
        orig.sqlstate is None or orig.sqlstate.startswith(("57P", "08"))
    )


def _is_busy(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later."""
    orig = _driver_error(error)
    return isinstance(error, PoolTimeout) or (
        isinstance(orig, psycopg.Error) and orig.sqlstate in _BUSY
    )


def _outdated(error: BaseException, plugin: str | None) -> list[str]:
    """Return the plugins whose tables went ahead of this process, if that may be the cause."""
    if not isinstance(_driver_error(error), psycopg.Error):
        return []
    return outdated_plugins(current_app.extensions["meishi"], plugin)


def _driver_error(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
