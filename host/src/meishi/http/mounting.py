"""Mounting the plugins' routes: each under its plugin's prefix, with a guard around each view."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask, Response

from meishi.host import Host
from meishi.http.announcing import announced
from meishi.http.batches import INSIDE
from meishi.http.draft import Draft
from meishi.http.edge import admitted, guarded
from meishi.http.extensions import EXTENDED, extended_resources
from meishi.http.handing_on import handed_on
from meishi.http.routes import RouteError
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.raised import raised
from meishi.lifecycle.states import PluginState


def put_behind(draft: Draft, host: Host) -> Flask:
    """Return the drafted application with its views guarded, and the host behind them."""
    app = draft.app
    active = list(host.plugins.active())
    # Values of a plugin that runs elsewhere are asked for there.
    app.extensions[EXTENDED] = extended_resources(active)
    inside: dict[str, Callable[..., Response]] = {}
    for contribution in active:
        for endpoint, route in draft.routes[contribution.plugin].items():
            view: Callable[..., Any] = app.view_functions[endpoint]
            if contribution.placement is not None:
                view = handed_on(host, contribution)
            app.view_functions[endpoint] = announced(host, route, guarded(host, route, view))
            inside[endpoint] = admitted(route, view)
    app.extensions[INSIDE] = inside
    return app


def take_out_unservable(plugins: PluginSet) -> Draft | None:
    """Mark plugins broken whose routes cannot be mounted or described, whatever the cause.

    Return the application as it is drafted when all can be. If not, each is tried on an application
    of its own, as a blueprint that failed halfway would stay.
    """
    with suppress(Exception, SystemExit):
        return Draft(plugins.active())
    for contribution in list(plugins.active()):
        try:
            Draft([contribution])
        except RouteError as error:
            plugins.mark(contribution.plugin, PluginState.BROKEN, str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
            reason = f"its routes cannot be served: {raised(error)}"
            plugins.mark(contribution.plugin, PluginState.BROKEN, reason)
    return None
