"""Panels: cards of plugins on others' pages, each fetched by the page once it stands.

A panel is a request of its own, to the address of its page: a slow or failing one keeps nobody
waiting, and whoever may not open the page gets none of its panels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, request
from markupsafe import escape
from werkzeug.exceptions import NotFound

from meishi.context import current_scope
from meishi.declarations import Panel
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.raised import raised
from meishi.logs import logger
from meishi.reader import PanelPlace, reading
from meishi.web.readers import reader_of_request
from meishi.web.texts import noted, text_of

if TYPE_CHECKING:
    from meishi.host import Host

#: The query parameter that asks a page for one of its panels.
PARAMETER = "_panel"

_HTML = "text/html; charset=utf-8"

#: Seconds after which a page asks again for what was unavailable.
_AGAIN_SECONDS = 20
_SORRY = noted("This is unavailable just now. It comes back by itself.")
_UNAVAILABLE = (
    '<p class="text-secondary mb-0" role="status" hx-get="{url}" hx-trigger="load delay:{seconds}s"'
    ' hx-target="closest .card-body" hx-swap="innerHTML">{text}</p>'
)


def panel_places(host: Host, page: str) -> tuple[PanelPlace, ...]:
    """Return the places of a page's panels that its reader may see, in order."""
    found = sorted(_panels(host, page), key=lambda item: (item[1].order, item[1].title))
    return tuple(
        PanelPlace(
            name=_name(owner, panel),
            title=text_of(owner.plugin, panel.title),
            url=f"{request.path}?{PARAMETER}={_name(owner, panel)}",
        )
        for owner, panel in found
    )


def answer_panel(host: Host, page: str, name: str, values: Mapping[str, Any]) -> Response:
    """Answer with one panel of a page: its HTML, or nothing where it has none or fails."""
    for owner, panel in _panels(host, page):
        if _name(owner, panel) == name:
            show = _rendered if owner.placement is None else _fetched
            return Response(show(owner, panel, values), content_type=_HTML)
    raise NotFound("There is no such panel.")


def _panels(host: Host, page: str) -> Iterator[tuple[Contribution, Panel]]:
    scope = current_scope()
    for contribution in host.enabled(scope.workspace_id):
        for panel in contribution.panels:
            needed = f"{contribution.manifest.prefix}.{panel.permission}"
            if panel.page == page and needed in scope.actor.permissions:
                yield contribution, panel


def _name(owner: Contribution, panel: Panel) -> str:
    return f"{owner.plugin}.{panel.name}"


def _rendered(owner: Contribution, panel: Panel, values: Mapping[str, Any]) -> str:
    work = current_scope().work
    try:
        with work.savepoint(), work.entered(owner.plugin):
            return panel.render(**values) or ""
    except Exception as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
        logger("error").error("panel_failed", panel=_name(owner, panel), error=repr(error))
        return ""


def _fetched(owner: Contribution, panel: Panel, values: Mapping[str, Any]) -> str:
    """Return a panel of a plugin that runs elsewhere, or that it cannot be reached now."""
    try:
        with reading(reader_of_request()):
            return panel.render(**values) or ""
    except Exception as error:  # noqa: BLE001 (its service's fault, whatever it is)
        logger("error").error("panel_unavailable", panel=_name(owner, panel), error=raised(error))
        return _UNAVAILABLE.format(
            url=escape(f"{request.path}?{PARAMETER}={_name(owner, panel)}"),
            seconds=_AGAIN_SECONDS,
            text=escape(text_of(None, _SORRY)),
        )
