"""The side that is asked: files of a service's own plugins, for the main deployment alone."""

from __future__ import annotations

import msgspec
from flask import Flask, Response, g
from werkzeug.exceptions import BadRequest

from meishi.context import enter_scope
from meishi.declarations import Exporter
from meishi.exports.elsewhere import PATH
from meishi.exports.formats import ExporterNotFound, written
from meishi.host import Host
from meishi.http.asked import identify, scope_of
from meishi.http.bodies import read_body
from meishi.http.callers import NEIGHBOURS, acting_of_request
from meishi.http.files import file_response
from meishi.refusals import Forbidden
from meishi.remote.neighbours import Neighbours
from meishi.sdk.contract import ListQuery
from meishi.switches.across import not_told


def add_files(app: Flask, host: Host) -> None:
    """Add the address, in a service."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not (neighbours and host.settings.only):
        return

    def file(plugin: str, exporter: str) -> Response:
        if not any(one.plugin is None for one in identify(neighbours)):
            raise Forbidden("Only the main deployment has files made here.")
        acting = acting_of_request()
        g.correlation = acting.correlation
        wanted = _wanted(read_body())
        if not host.switches.told:
            raise not_told(plugin)
        found = _own(host, plugin, exporter)
        with enter_scope(scope_of(host, acting)):
            return file_response(written(plugin, found, wanted), found.media_type, found.name)

    app.add_url_rule(PATH, "internal_files", file, methods=["POST"])


def _wanted(document: bytes) -> ListQuery:
    try:
        return msgspec.json.decode(document, type=ListQuery)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"What is asked for cannot be read: {error}.") from error


def _own(host: Host, plugin: str, name: str) -> Exporter:
    for contribution in host.plugins.active():
        if contribution.plugin == plugin and plugin in host.settings.only:
            for exporter in contribution.exporters:
                if exporter.name == name:
                    return exporter
    raise ExporterNotFound(f"The service of {plugin} has no format {name!r}.")
