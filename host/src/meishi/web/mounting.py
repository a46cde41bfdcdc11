"""Mounting the plugins' pages, each under its plugin's prefix, with a guard around each view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Flask

from meishi.declarations import Page, PublicPage
from meishi.host import Host
from meishi.http.problem_page import PAGE_ROOTS, first_part
from meishi.lifecycle.contribution import Contribution
from meishi.web.assets import install_assets
from meishi.web.edge import guarded_entrance, guarded_page
from meishi.web.handed import handed_page
from meishi.web.home import add_home
from meishi.web.navigation import page_root
from meishi.web.problem import console_problem, visitors_problem
from meishi.web.rendering import install_renderer


def mount_console(app: Flask, host: Host) -> None:
    """Serve the pages of every active plugin, and those that lead to them."""
    assets = install_assets(app)
    install_renderer(app, host, assets)
    roots = app.extensions[PAGE_ROOTS]
    for contribution in host.plugins.active():
        root = page_root(contribution)
        for page in _pages(host, contribution):
            app.add_url_rule(
                f"{root}{page.rule}",
                f"page:{contribution.plugin}.{page.name}",
                guarded_page(host, contribution, page),
                methods=[*page.methods],
                provide_automatic_options=False,
            )
            roots[first_part(root)] = console_problem
        for entrance in _public_pages(host, contribution):
            if entrance.resolve is None:
                app.add_url_rule(
                    entrance.rule,
                    f"entrance:{entrance.rule}",
                    guarded_entrance(host, contribution, entrance),
                    methods=[*entrance.methods],
                    provide_automatic_options=False,
                )
                roots[first_part(entrance.rule)] = console_problem
            elif contribution.placement is not None:
                roots[first_part(entrance.rule)] = visitors_problem
    add_home(app, host)


def _pages(host: Host, owner: Contribution) -> Iterator[Page]:
    """Yield a plugin's pages; those of one that runs elsewhere are made there."""
    for page in owner.pages:
        apart = owner.placement is not None
        yield replace(page, view=handed_page(host, owner)) if apart else page


def _public_pages(host: Host, owner: Contribution) -> Iterator[PublicPage]:
    """Yield a plugin's public pages, in the same way."""
    for page in owner.public_pages:
        apart = owner.placement is not None
        yield replace(page, view=handed_page(host, owner)) if apart else page
