"""Assets: the scripts and styles of pages, under names that change with their contents."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response, request
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound, ServiceUnavailable

#: Where an application keeps its assets.
ASSETS = "meishi_assets"

ROOT = "/static"

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}
_FOREVER = "public, max-age=31536000, immutable"
#: Attributes of an icon that is drawn into a page; it says nothing to who cannot see it.
_ICON = (
    '<svg class="icon" width="24" height="24" viewBox="0 0 24 24" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
    'aria-hidden="true" focusable="false">'
)


class Assets:
    """What was built of the sources, found by the names of these."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder

    def url(self, name: str) -> str:
        """Return the address of what a source was built into: `src/main.js`, `style.css`.

        :raises ServiceUnavailable: if the assets were not built
        """
        return f"{ROOT}/{self._files[name]}"

    def icon(self, name: str) -> Markup:
        """Return one of Tabler's icons as markup; nothing for a name that there is not."""
        nodes = self._icons.get(name)
        if nodes is None:
            return Markup("")
        shapes = "".join(
            f"<{escape(tag)}{_attributes(attributes)}/>"
            for tag, attributes in msgspec.json.decode(nodes, type=list[tuple[str, dict[str, Any]]])
        )
        return Markup(f"{_ICON}{shapes}</svg>")  # noqa: S704 (Tabler's own, and escaped)

    def answer(self, name: str) -> Response:
        """Answer with a file, compressed for who takes it so; it never changes under its name."""
        if name not in self._served:
            raise NotFound("There is no such file.")
        file = self._folder / name
        response = Response(content_type=_TYPES[file.suffix])
        packed = file.with_name(f"{file.name}.gz")
        if packed.is_file():
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"]:
                response.headers["Content-Encoding"] = "gzip"
                file = packed
        response.set_data(file.read_bytes())
        response.headers["Cache-Control"] = _FOREVER
        return response

    @cached_property
    def _files(self) -> dict[str, str]:
        try:
            manifest = msgspec.json.decode((self._folder / "manifest.json").read_bytes())
        except OSError as error:
            raise ServiceUnavailable(
                "The scripts and styles of the pages were not built: run `make`, or install the "
                "wheel."
            ) from error
        return {source: built["file"] for source, built in manifest.items()}

    @cached_property
    def _served(self) -> frozenset[str]:
        return frozenset(
            file.relative_to(self._folder).as_posix()
            for file in self._folder.rglob("*")
            if file.suffix in _TYPES
        )

    @cached_property
    def _icons(self) -> dict[str, msgspec.Raw]:
        try:
            content = (self._folder / "icons.json").read_bytes()
        except OSError:
            return {}
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw])


def _attributes(values: dict[str, Any]) -> str:
    return "".join(f' {escape(name)}="{escape(value)}"' for name, value in values.items())


def install_assets(app: Flask) -> Assets:
    """Serve assets to anybody, and return them."""
    assets = Assets()
    app.extensions[ASSETS] = assets
    app.add_url_rule(
        f"{ROOT}/<path:name>", "static", assets.answer, provide_automatic_options=False
    )
    return assets
