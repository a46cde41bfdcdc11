"""The side that is called: one address per method, for neighbours alone, each a unit of work."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import BadRequest, NotFound

from meishi.calls.codec import CallMismatch
from meishi.calls.elsewhere import Answer, CallName
from meishi.calls.local import LocalCall
from meishi.context import Scope, enter_scope
from meishi.host import Host
from meishi.http.bodies import read_body
from meishi.http.callers import NEIGHBOURS, acting_of_request, bearer_token
from meishi.http.calls_elsewhere import method_elsewhere, pass_on
from meishi.http.limits.rates import rate_limits
from meishi.http.problems import Unauthenticated
from meishi.refusals import Forbidden
from meishi.remote import answers
from meishi.remote.models import DB_SCHEMA
from meishi.remote.neighbours import Neighbour, Neighbours
from meishi.remote.wire import (
    ACTING,
    CALL_KEY,
    ERROR_TYPE,
    INTERNAL,
    NOTHING_HAPPENED,
    RESULT_TYPE,
    UNKNOWN_TOKEN,
    Acting,
)
from meishi.sdk.contract import CallKind, DomainError, EventVetoed
from meishi.switches.across import not_told

_DECLARED_ERROR, _UNAUTHENTICATED = 422, 401


def add_calls(app: Flask, host: Host) -> None:
    """Add the addresses, where there is anybody who may call."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not neighbours:
        return

    def answer(plugin: str, protocol: str, method: str) -> Response:
        try:
            name = CallName(plugin=plugin, protocol=protocol, method=method)
            return _answer(host, neighbours, name)
        except Exception as error:  # noqa: BLE001 (answered by who answers all errors)
            refused = current_app.make_response(current_app.handle_user_exception(error))
            if not getattr(error, "may_have_happened", False) and "committing" not in g:
                refused.headers[NOTHING_HAPPENED] = "1"
            return refused

    def tell_stranger(response: Response) -> Response:
        """Say that the token is what was refused, so that another one is tried."""
        if response.status_code == _UNAUTHENTICATED and (
            request.path.startswith(f"{INTERNAL}/") or ACTING in request.headers
        ):
            unknown = not neighbours.of(bearer_token())
            response.headers.update({UNKNOWN_TOKEN: "1"} if unknown else {})
        return response

    app.after_request(tell_stranger)
    rule = f"{INTERNAL}/calls/<plugin>/<protocol>/<method>"
    app.add_url_rule(rule, "internal_call", answer, methods=["POST"])


def _answer(host: Host, neighbours: Neighbours, name: CallName) -> Response:
    known = identify(neighbours)
    call, there = host.calls.local(name), method_elsewhere(host, name)
    found = call or there
    method = None if found is None else found.method
    if method is None or method.rule.kind is CallKind.ATOMIC:
        raise NotFound(f"{name.plugin} has no method {name.protocol}.{name.method} to call here.")
    if not any(one.may_call(name.plugin, name.protocol, host.plugins) for one in known):
        raise Forbidden(f"This service may not call {name.plugin}: its manifest does not name it.")
    acting = acting_of_request()
    g.correlation = acting.correlation
    document = read_body()
    if call is None:
        assert there is not None
        key = None if method.rule.kind is CallKind.QUERY else _key()
        return _as_response(pass_on(host, name, there, key, document))
    if not host.switches.told:
        raise not_told(name.plugin)
    try:
        scope = replace(scope_of(host, acting), asked_by=_services(known))
        return _as_response(Answer(document=_done(scope, call, name, document)))
    except DomainError as error:
        if not isinstance(error, (*method.rule.errors, EventVetoed)):
            raise
        return _as_response(Answer(document=call.codec.encode_error(error), is_error=True))
    except (CallMismatch, answers.KeyReused) as error:
        raise BadRequest(f"The call cannot be done: {error}.") from error


def _as_response(answer: Answer) -> Response:
    if answer.is_error:
        return Response(answer.document, _DECLARED_ERROR, content_type=ERROR_TYPE)
    return Response(answer.document, content_type=RESULT_TYPE)


def identify(neighbours: Neighbours) -> list[Neighbour]:
    """Return who calls; raise `Unauthenticated` for strangers, who are counted as such."""
    known = neighbours.of(bearer_token())
    if not known:
        rate_limits().charge_stranger()
        raise Unauthenticated("Send the token of a service of this deployment: `Bearer …`.")
    return known


def scope_of(host: Host, acting: Acting) -> Scope:
    """Return a scope in which somebody acts who does so elsewhere."""
    return Scope(
        host=host,
        work=host.unit_of_work(acting.workspace),
        actor=acting.actor,
        workspace_id=acting.workspace,
        correlation=acting.correlation,
        causation=acting.causation,
        silent=acting.silent,
    )


def _services(known: list[Neighbour]) -> frozenset[str] | None:
    """Return whose service calls, None if it is the main deployment."""
    if any(one.plugin is None for one in known):
        return None
    return frozenset(one.plugin for one in known if one.plugin is not None)


def _done(scope: Scope, call: LocalCall, name: CallName, document: bytes) -> bytes:
    """Return the result of a call; a command that was done before has the same again."""
    with enter_scope(scope):
        if call.method.rule.kind is CallKind.QUERY:
            return call.run_asked(document)
        key, called = _key(), f"{name.plugin}.{name.protocol}.{name.method}"
        with scope.work.entered(DB_SCHEMA):
            known = answers.claim(scope.work, key, called)
        if known is not None:
            return known
        result = call.run_asked(document)
        with scope.work.entered(DB_SCHEMA):
            answers.keep(scope.work, key, called, result)
        # What goes wrong from here on may be the answer to a commit.
        g.committing = True
    del g.committing
    return result


def _key() -> UUID:
    try:
        return UUID(request.headers.get(CALL_KEY, ""))
    except ValueError as error:
        raise BadRequest(f"A command needs a {CALL_KEY}, a UUID.") from error
