"""Examples in the OpenAPI document: of every JSON body and answer, problems included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from meishi.http.docs.curl import is_json
from meishi.http.docs.document import Document
from meishi.http.docs.examples import EXAMPLE_ID, media_example
from meishi.http.docs.operations import METHODS
from meishi.http.documents import PreconditionRequired
from meishi.http.problem_schema import PROBLEM_TYPE, declared_problem, problem_type
from meishi.http.problems import Forbidden, Unauthenticated, phrase_code
from meishi.sdk.contract import VersionMismatch

_DECLARED = {
    error.status: error
    for error in (Unauthenticated, Forbidden, VersionMismatch, PreconditionRequired)
}
#: Codes and titles of the problems that are no declared errors.
_OF_HOST: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("invalid-request", HTTPStatus.BAD_REQUEST.phrase),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid-request", HTTPStatus.UNPROCESSABLE_ENTITY.phrase),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("internal-error", "Internal error"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("database-unavailable", "Database unavailable"),
}
_PATH_PARAMETER = re.compile(r"\{[^{}]*\}")


def add_examples(document: Mapping[str, Any]) -> None:
    """Give each JSON media type of a document an example, unless its author gave one.

    It is made from the schema, as the documentation page does it; a problem's is the problem
    that the host answers with.
    """
    read = Document(document)
    for path, item in document["paths"].items():
        for operation in (item[method] for method in METHODS if method in item):
            for media in _without(operation.get("requestBody", {})):
                media["example"] = media_example(read, media, answer=False)
            for status, response in operation["responses"].items():
                _add_problem(int(status), response, path)
                for media in _without(response):
                    media["example"] = media_example(read, media, answer=True)


def _without(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the JSON media types that have no example yet."""
    for name, media in said.get("content", {}).items():
        if is_json(name) and not {"example", "examples"} & media.keys():
            yield media


def _add_problem(status: int, response: Mapping[str, Any], path: str) -> None:
    """Complete the example of a problem: its address, and what it is where nobody says so."""
    media = response.get("content", {}).get(PROBLEM_TYPE)
    if media is None or "examples" in media:
        return
    given = media.get("example") or _problem_of(status)
    media["example"] = {"instance": _PATH_PARAMETER.sub(EXAMPLE_ID, path), **given}


def _problem_of(status: int) -> dict[str, Any]:
    """Return what the host's problem of a status says."""
    if status in _DECLARED:
        return declared_problem(_DECLARED[status])
    phrase = HTTPStatus(status).phrase
    code, title = _OF_HOST.get(status, (phrase_code(phrase), phrase))
    return {"type": problem_type(code), "title": title, "status": status}
