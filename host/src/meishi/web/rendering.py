"""Rendering: the templates of the shell and of all plugins, and what they know."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from meishi.context import current_scope
from meishi.host import Host
from meishi.http.forgery import bind_form
from meishi.remote.wire import TITLE
from meishi.web.assets import Assets
from meishi.web.moments import moment_iso, moment_text
from meishi.web.shell import Shell
from meishi.web.texts import current_texts, gettext, install_gettext, install_texts
from meishi.web.toasts import keep_toasts

#: Where an application keeps what renders its pages.
RENDERER = "meishi_renderer"

_HTML = "text/html; charset=utf-8"
_OWN = "shell"

#: Pages run our own scripts alone, and none that stands inside of them.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Renderer:
    """Renders templates: `<plugin>/<file>` of a plugin's `templates/`, `shell/<file>` of ours."""

    def __init__(self, host: Host, assets: Assets) -> None:
        self.host = host
        self._assets = assets
        self._environment = Environment(
            loader=PrefixLoader(dict(_loaders(host))),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "icon": assets.icon,
            "moment_iso": moment_iso,
            "moment_text": moment_text,
        }
        install_gettext(self._environment)

    def render(self, template: str, status: int, values: dict[str, Any]) -> Response:
        """Return a page, or a piece of one, for the running request."""
        page, title = g.get("meishi_page", ("", ""))
        shell = Shell(
            host=self.host,
            scope=current_scope(),
            page=page,
            title=values.pop("title") if "title" in values else gettext(title),
            locale=current_texts().locale,
            asset=self._assets.url,
        )
        body = self._environment.get_template(template).render(shell=shell, **values)
        response = Response(body, status, content_type=_HTML)
        if shell.apart:
            response.headers[TITLE] = quote(shell.title)
        return response


def _loaders(host: Host) -> Iterator[tuple[str, BaseLoader]]:
    yield _OWN, _templates_of("meishi.web", _OWN)
    for contribution in host.plugins.active():
        if contribution.pages or contribution.panels or contribution.public_pages:
            yield contribution.plugin, _templates_of(contribution.package)


def _templates_of(package: str, *below: str) -> FileSystemLoader:
    """Return the templates beside a package's modules; there may be none."""
    spec = find_spec(package)
    assert spec is not None
    folders = spec.submodule_search_locations or []
    return FileSystemLoader(["/".join([folder, "templates", *below]) for folder in folders])


def install_renderer(app: Flask, host: Host, assets: Assets) -> None:
    """Give an application what renders its pages."""
    install_texts(app, host)
    app.extensions[RENDERER] = Renderer(host, assets)


def render(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page from a template: `<plugin>/<file>`, extending `shell/page.html`.

    `values` are what the template knows, besides `shell`. Without `title` the page's own is used.
    """
    return current_renderer().render(template, status, values)


def current_renderer() -> Renderer:
    """Return what renders the pages of the current application."""
    found: Renderer = current_app.extensions[RENDERER]
    return found


def is_fragment() -> bool:
    """Whether htmx asks for a piece of the page that is already shown.

    Who goes back to an address that a piece had put there wants the page whole.
    """
    whole = any(name in request.headers for name in ("HX-Boosted", "HX-History-Restore-Request"))
    return request.headers.get("HX-Request") == "true" and not whole


def finish_page(response: Response) -> Response:
    """Give a page the headers and cookies that all have."""
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.vary.update(("Accept-Language", "Cookie", "HX-Request"))
    bind_form(response)
    keep_toasts(response)
    return response
