"""Idempotency-Key: a POST that is sent again is done once, and answered as the first time.

The key is claimed where the view's transaction begins, and the answer is kept with its commit:
whatever ends the process leaves both, or neither. Errors undo all, so they are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b

from flask import Response, request
from werkzeug.exceptions import BadRequest

from meishi.context import Scope
from meishi.http.bodies import body_hash, hash_body, read_body
from meishi.http.problems import problem
from meishi.requests.answers import MAX_BODY, KeptAnswer, RequestKey, StillRunning, claim, keep
from meishi.requests.models import DB_SCHEMA
from meishi.sdk.contract import DomainError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

#: A key as the header writes it, in quotes or bare.
PATTERN = r'^(?:"[!#-~]{1,255}"|[!#-~]{1,255})$'

_IN_ENVIRON = "HTTP_IDEMPOTENCY_KEY"
_KEY = re.compile(PATTERN)
#: What belongs to the connection, or is made anew.
_NOT_KEPT = frozenset({"content-length", "connection", "transfer-encoding", "date"})


class IdempotencyKeyReused(DomainError):
    """A key comes with another request than the one that it was first used for."""

    code = "idempotency-key-reused"
    title = "Idempotency-Key used for another request"
    status = 422


class RequestInProgress(DomainError):
    """The first request with a key has not been answered yet."""

    code = "request-in-progress"
    title = "Request in progress"
    status = 409


class AnswerNotKept(DomainError):
    """The answer is too large or too secret to be given again, so nothing was done."""

    code = "answer-not-kept"
    title = "Answer not kept for an Idempotency-Key"
    status = 422


def is_keyed() -> bool:
    """Whether the request is to be done once."""
    return request.method == "POST" and _IN_ENVIRON in request.environ


def answer_once(scope: Scope, answer: Callable[[], Response]) -> Response:
    """Return what `answer` makes, or what it made when the same request came first."""
    key = _key(scope)
    if request.is_json:
        read_body()  # nobody holds a connection while it comes in
    hash_body()
    try:
        with scope.work.entered(DB_SCHEMA):
            kept = claim(scope.work, key)
    except StillRunning:
        return problem(
            RequestInProgress.status, RequestInProgress.code, RequestInProgress.title,
            f"A request with this {HEADER} is at work; ask again in a moment.",
            headers={"Retry-After": "1"},
        )  # fmt: skip
    if kept is not None:
        return _again(kept)
    response = answer()
    with scope.work.entered(DB_SCHEMA):
        keep(scope.work, key, _kept(response))
    return response


def kept_before(scope: Scope) -> KeptAnswer | None:
    """Return what the same request was answered before its plugin was moved elsewhere, if it was.

    :raises RequestInProgress: if it is at work still
    """
    hash_body()
    try:
        with scope.work.entered(DB_SCHEMA):
            return claim(scope.work, _key(scope))
    except StillRunning as error:
        raise RequestInProgress(
            f"A request with this {HEADER} is at work; ask again in a moment."
        ) from error


def answered_again(kept: KeptAnswer) -> Response:
    """Return a kept answer; raise `IdempotencyKeyReused` if it was given to another request."""
    if request.is_json:
        read_body()
    return _again(kept)


def _key(scope: Scope) -> RequestKey:
    written = request.environ[_IN_ENVIRON].strip(" \t")
    if not _KEY.fullmatch(written):
        raise BadRequest(f"{HEADER} must be 1 to 255 visible ASCII characters, without blanks.")
    user = scope.actor.user_id
    if scope.workspace_id is None or user is None:
        raise BadRequest(f"{HEADER} is for requests of a user in a workspace; leave it out.")
    return RequestKey(workspace_id=scope.workspace_id, user_id=user, key=written.strip('"'))


def _again(kept: KeptAnswer) -> Response:
    if kept.fingerprint != _fingerprint(body_hash(in_pieces=not request.is_json)):
        raise IdempotencyKeyReused(
            f"This {HEADER} was used for another request; take a new one for each."
        )
    response = Response(kept.body, kept.status)
    response.headers.clear()
    response.headers.extend(kept.headers)
    response.headers[REPLAYED] = "true"
    return response


def _kept(response: Response) -> KeptAnswer:
    if response.cache_control.no_store:
        raise AnswerNotKept(f"The answer holds a secret, which is not stored; leave out {HEADER}.")
    if response.is_streamed or len(body := response.get_data()) > MAX_BODY:
        raise AnswerNotKept(f"Send less in one request, or send it without {HEADER}.")
    return KeptAnswer(
        fingerprint=_fingerprint(body_hash()),
        status=response.status_code,
        headers=[pair for pair in response.headers if pair[0].lower() not in _NOT_KEPT],
        body=body,
    )


def _fingerprint(body: bytes) -> bytes:
    """Return the hash of all that makes the request what it is, its body included."""
    digest = blake2b(digest_size=32)
    for part in (
        request.method.encode(),
        request.path.encode("utf-8", "surrogateescape"),
        request.query_string,
        request.environ.get("CONTENT_TYPE", "").encode("latin-1"),
        body,
    ):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()
