"""Pages of plugins that run elsewhere: made there, and shown in the shell that is here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import msgspec
from flask import Response, g
from markupsafe import Markup

from meishi.host import Host
from meishi.http.handing_on import is_safe, reply_as_response, request_as_message
from meishi.http.visits import carry_referral, visitor_of_request
from meishi.lifecycle.contribution import Contribution
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Reply
from meishi.remote.wire import READER, TITLE, TOASTS, VISITOR, reader_header, visitor_header
from meishi.web.panels import panel_places
from meishi.web.problem import console_problem
from meishi.web.readers import reader_of_request
from meishi.web.rendering import render
from meishi.web.toasts import toast, toasts_of

#: What a page begins with that wants a shell around it, with all of it or plain; a piece of one
#: does not.
_APART, _APART_PLAIN = "<!--apart-->", "<!--apart plain-->"
#: What stands between the content of a plain page and what is below that.
_BELOW = "<!--below-->"
_PROBLEM = "application/problem+json"
#: What stands before a service says so when that is away.
_AWAY = frozenset({502, 503, 504})


class _Problem(msgspec.Struct):
    title: str
    detail: str | None = None


def handed_page(host: Host, owner: Contribution) -> Callable[..., Response]:
    """Return a view that has the plugin's service make the page."""
    placement = owner.placement
    assert placement is not None

    def view(**_: Any) -> Response:
        page, _title = g.meishi_page
        reader = replace(reader_of_request(), panels=panel_places(host, page))
        message = request_as_message(
            (READER, reader_header(reader)), (VISITOR, visitor_header(visitor_of_request()))
        )
        way = host.ways.to(placement)
        reply = way.hand_on(owner.plugin, message, repeatable=is_safe())
        if reply.header("content-type") != _PROBLEM and reply.status in _AWAY:
            raise RemoteCallError(
                owner.plugin,
                message.path,
                f"{placement.url} answered {reply.status}",
                may_have_happened=not is_safe(),
            )
        response = _shown(reply)
        carry_referral(reply, response)
        return response

    return view


def _shown(reply: Reply) -> Response:
    """Return what a service has made, in a shell if it is a page."""
    for item in toasts_of(reply.header(TOASTS.lower()) or "[]"):
        toast(item.text, item.kind)
    if reply.header("content-type") == _PROBLEM:
        said = msgspec.json.decode(reply.body, type=_Problem)
        return console_problem(reply.status, said.title, said.detail)
    found = _around(reply)
    if found is None:
        return reply_as_response(reply)
    template, parts = found
    title = unquote(reply.header(TITLE.lower()) or "")
    return render(template, status=reply.status, title=title, **parts)


def _around(reply: Reply) -> tuple[str, dict[str, Markup]] | None:
    """Return the template around what came, and what stands in it; None for a piece of a page."""
    for mark, template in ((_APART, "around"), (_APART_PLAIN, "around_plain")):
        if reply.body.startswith(mark.encode()):
            content, _, below = reply.body.decode().removeprefix(mark).partition(_BELOW)
            # What the service has made was escaped there.
            parts = {"content": Markup(content), "below": Markup(below)}  # noqa: S704
            return f"shell/{template}.html", parts
    return None
