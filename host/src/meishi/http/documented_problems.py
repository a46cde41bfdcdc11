"""Problems in the OpenAPI document: of each operation every one that can happen, by its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from meishi.http.cursors import AFTER
from meishi.http.docs.examples import EXAMPLE_ID
from meishi.http.documented_headers import name_headers
from meishi.http.documents import PreconditionRequired
from meishi.http.idempotency import (
    HEADER,
    AnswerNotKept,
    IdempotencyKeyReused,
    RequestInProgress,
)
from meishi.http.limits.rates import RateLimited
from meishi.http.limits.sizes import NestedTooDeeply, TooManyParameters
from meishi.http.problem_schema import (
    PROBLEM_TYPE,
    PROBLEMS_KEY,
    phrase_code,
    phrase_of,
    problem_type,
)
from meishi.http.problems import (
    BUSY,
    DATABASE_UNAVAILABLE,
    OUTDATED,
    Unauthenticated,
)
from meishi.refusals import Forbidden
from meishi.sdk.contract import DomainError, EventVetoed, InvalidCursor, VersionMismatch

#: Codes and titles of problems, by status.
Problems = dict[int, dict[str, str]]

_PATH_PARAMETER = re.compile(r"<[^<>]*>")
_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_READING = frozenset({"get", "head"})
_INVALID = "invalid-request"
#: What an example stands for where the problem is the same everywhere.
_ANYWHERE = "/api/v1/contacts"


def _declared(*errors: type[DomainError]) -> Problems:
    found: Problems = {}
    for error in errors:
        found.setdefault(error.status, {})[error.code] = error.title
    return found


def _phrases(*statuses: int, code: str | None = None) -> Problems:
    return {int(status): {code or phrase_code(status): phrase_of(status)} for status in statuses}


def _merged(*several: Problems) -> Problems:
    merged: Problems = {}
    for problems in several:
        for status, named in problems.items():
            merged[status] = merged.get(status, {}) | named
    return merged


_EVERYWHERE = _merged(
    _phrases(HTTPStatus.BAD_REQUEST, code=_INVALID),
    _declared(TooManyParameters, Unauthenticated, Forbidden, RateLimited),
    _phrases(HTTPStatus.REQUEST_URI_TOO_LONG),
    {
        HTTPStatus.INTERNAL_SERVER_ERROR: {"internal-error": "Internal error"},
        HTTPStatus.SERVICE_UNAVAILABLE: dict([DATABASE_UNAVAILABLE, BUSY, OUTDATED]),
    },
)
_OF_BODIES = _merged(
    _phrases(
        HTTPStatus.LENGTH_REQUIRED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
    _phrases(HTTPStatus.BAD_REQUEST),
    _phrases(HTTPStatus.UNPROCESSABLE_ENTITY, code=_INVALID),
)
_OF_JSON = _declared(NestedTooDeeply)
_OF_PRECONDITIONS = _merged(_phrases(HTTPStatus.BAD_REQUEST), _declared(VersionMismatch))
_OF_DUTY = _declared(PreconditionRequired)
_OF_KEYS = _merged(_OF_BODIES, _declared(RequestInProgress, IdempotencyKeyReused, AnswerNotKept))
_OF_LISTS = _declared(InvalidCursor)
_OF_PATHS = _phrases(HTTPStatus.NOT_FOUND)
_OF_WRITING = _declared(EventVetoed)
_BY_STATUS = _merged(_EVERYWHERE, _OF_BODIES, _OF_PRECONDITIONS, _OF_DUTY, _OF_PATHS)
#: What a parameter of that name may be answered with.
_BY_PARAMETER = {"If-Match": _OF_PRECONDITIONS, HEADER: _OF_KEYS, AFTER: _OF_LISTS}


def host_problems(path: str, method: str, operation: Mapping[str, Any]) -> Problems:
    """Return the problems that the host may answer an operation with, whatever its view does."""
    parts = [_EVERYWHERE]
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        parts.append(_OF_BODIES)
    if any(name.endswith("json") for name in content):
        parts.append(_OF_JSON)
    if "<" in path:
        parts.append(_OF_PATHS)
    if method not in _READING:
        parts.append(_OF_WRITING)
    parameters = {given.get("name"): given for given in operation.get("parameters", ())}
    for name, problems in _BY_PARAMETER.items():
        if name in parameters:
            parts.append(problems)
    if parameters.get("If-Match", {}).get("required"):
        parts.append(_OF_DUTY)
    return _merged(*parts)


def add_problems(
    document: Mapping[str, Any], path: str, method: str, operation: dict[str, Any]
) -> None:
    """Complete an operation's responses by all problems that can happen.

    The type of each is one of an `enum`, and each has an example. Those of the host become
    components. What the author has described in another shape stays as it is.
    """
    shared = document["components"].setdefault("responses", {})
    own = _own_problems(operation)
    for status, named in sorted(_merged(own, host_problems(path, method, operation)).items()):
        said = operation["responses"].get(str(status), {})
        if status in own:
            described = _response(status, named, path)
            if len(own[status]) == 1 and said.get("description"):
                described["description"] = said["description"]
            operation["responses"][str(status)] = described
        elif "content" not in said:
            name = "Or".join(map(_capitalised, named))
            if name not in shared:
                shared[name] = _response(status, named, _ANYWHERE)
                name_headers(str(status), shared[name])
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _own_problems(operation: dict[str, Any]) -> Problems:
    """Return the problems that the author has declared, and take them out of the operation."""
    declared: Mapping[str, dict[str, str]] = operation.pop(PROBLEMS_KEY, {})
    return {
        int(status): named or _BY_STATUS.get(int(status), {}) or _phrases(int(status))[int(status)]
        for status, named in declared.items()
    }


def _response(status: int, named: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return a response that may be each of some problems."""
    examples = {code: {"value": example} for code, example in _examples(status, named, path)}
    types = [problem_type(code) for code in named]
    media: dict[str, Any] = {
        "schema": {**_SCHEMA, "properties": {"type": {"enum": types}}},
        "examples": examples,
    }
    return {"description": "; ".join(named.values()), "content": {PROBLEM_TYPE: media}}


def _examples(
    status: int, named: Mapping[str, str], path: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    instance = _PATH_PARAMETER.sub(EXAMPLE_ID, path)
    for code, title in named.items():
        said = {"type": problem_type(code), "title": title, "status": status, "instance": instance}
        yield code, said


def _capitalised(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("-"))
