"""Visits of pages whose plugin runs elsewhere: received here, shown there, and handed back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest

from meishi.context import Scope
from meishi.host import Host
from meishi.http.asked import scope_of
from meishi.http.callers import acting_at_main
from meishi.http.cookies import forget_referral, keep_referral, kept_referral
from meishi.http.handing_on import reply_as_response, request_as_message
from meishi.http.headers import add_headers
from meishi.http.limits.rates import rate_limits
from meishi.http.problems import AWAY, Unauthenticated
from meishi.http.visitors import visitor_address
from meishi.lifecycle.contribution import Contribution
from meishi.logs import logger
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Reply
from meishi.remote.wire import (
    REFERRAL,
    SHOWN,
    VISITOR,
    UnreadableHeader,
    read_referral,
    read_visitor,
    visitor_header,
)
from meishi.sdk.contract import DomainError
from meishi.visitor import Visitor

#: What a page may be made for; all else that a browser sends is between it and us.
_OF_VISITS = frozenset(
    "accept accept-language content-type user-agent referer range if-match if-none-match"
    " if-modified-since if-unmodified-since if-range dnt sec-gpc".split()
)
#: A value that goes along. Longer ones could fill up what a server takes of all headers together,
#: and who sends them would have the service pass for one that fails.
_TOLD = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,2048}")
#: What holds for the whole site, and not for one page of it.
_OF_THE_SITE = (
    "strict-transport-security clear-site-data alt-svc access-control-allow-origin"
    " access-control-allow-credentials access-control-allow-headers access-control-allow-methods"
    " access-control-expose-headers access-control-max-age nel report-to reporting-endpoints via"
).split()


class PageUnavailable(DomainError):
    """The service that makes a page does not."""

    code = AWAY[0]
    title = "Page unavailable"
    status = 503


def shown_elsewhere(host: Host, contribution: Contribution) -> Callable[[], Response]:
    """Return what has the plugin's service show a page to the visitor of the current scope."""
    assert contribution.placement is not None
    way = host.ways.to(contribution.placement)

    def shown() -> Response:
        message = request_as_message()
        passed = [
            (name, value)
            for name, value in message.headers
            if name.lower() in _OF_VISITS and _TOLD.fullmatch(value)
        ]
        headers = [*passed, (VISITOR, visitor_header(visitor_of_request()))]
        try:
            reply = way.show(contribution.plugin, replace(message, headers=headers))
        except RemoteCallError as error:
            raise _unavailable(error) from error
        return _handed_back(reply)

    return shown


def visitor_of_request() -> Visitor:
    """Return who visits, as a service is told."""
    kept = kept_referral()
    told = kept is not None and _TOLD.fullmatch(kept)
    return Visitor(address=visitor_address(), referral=kept if told else None)


def visit_from_main(host: Host) -> Scope:
    """Return the scope of a visit that the main deployment has received.

    A service shows its pages to nobody else.
    """
    acting = acting_at_main()
    if acting is None:
        rate_limits().charge_stranger()
        raise Unauthenticated("Open the page at the deployment; its service answers that alone.")
    return scope_of(host, acting)


def visitor_from_main() -> Visitor | None:
    """Return who visits the main deployment, for which a page is made here; None if unsaid.

    An unreadable header is answered with 400.
    """
    header = request.headers.get(VISITOR)
    try:
        return None if header is None else read_visitor(header)
    except UnreadableHeader as error:
        raise BadRequest(str(error)) from error


def carry_referral(reply: Reply, response: Response) -> None:
    """Have the visitor's browser keep what a service has it keep: of cookies, this alone."""
    header = reply.header(REFERRAL.lower())
    if header is None:
        return
    try:
        kept = read_referral(header)
    except UnreadableHeader as error:
        logger("warning").warning("referral_unreadable", error=str(error))
        return
    if kept.referral is None:
        forget_referral(response)
    else:
        keep_referral(response, kept.referral, seconds=kept.seconds)


def mark_visits(app: Flask, host: Host) -> None:
    """Have a service say of each answer to a visit that it is its own."""

    def mark(response: Response) -> Response:
        if VISITOR in request.headers:
            response.headers[SHOWN] = "1"
        return response

    if host.settings.only:
        app.after_request(mark)


def _handed_back(reply: Reply) -> Response:
    response = reply_as_response(reply)
    for name in _OF_THE_SITE:
        response.headers.pop(name, None)
    length = reply.header("content-length")
    if request.method == "HEAD" and length is not None:
        response.headers["Content-Length"] = length
    carry_referral(reply, response)
    return response


def _unavailable(error: RemoteCallError) -> PageUnavailable:
    log = logger(current_app.extensions["meishi"].settings.log_level)
    log.error("plugin_unavailable", path=request.path, plugin=error.plugin, error=str(error))
    add_headers(("Retry-After", "2"))
    detail = f"This page cannot be shown just now; try again in a moment.{_sent(error)}"
    return PageUnavailable(detail)


def _sent(error: RemoteCallError) -> str:
    if request.method != "POST":
        return ""
    return " What you sent may have arrived." if error.may_have_happened else " Nothing was sent."
