"""What a plugin shows to people: pages, entries of the navigation, cards on other pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page for people who are signed in to a workspace.

    `name` is unique within the plugin; others refer to the page as `<plugin>.<name>`. `rule` is
    its path behind `/<api_prefix>`, empty or with a slash at the front (`/<uuid:contact_id>`).
    `view` is given the path's values and returns what a Flask view returns; templates and static
    files stand in `templates/` and `static/` of the plugin's package. `permission` is one of the
    plugin's own, without its prefix; None lets in whoever is signed in, even where they are in no
    workspace. `title` is the heading; `methods` are those of HTTP.
    """

    name: str
    rule: str
    view: Callable[..., Any]
    title: str
    permission: str | None
    methods: Sequence[str] = ("GET",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page that anybody may open, without a token.

    `rule` is its whole path (`/C/<code>`). `resolve` is given the path's values outside of any
    workspace and says in whose the page is shown, or None if there is no such page; `view` is
    given the same values inside that workspace, and returns a Flask response. With POST among its
    `methods` the page takes a form, which the host has read: few from one address, none that is
    large or that another site has sent. What it is bound to, the page signs itself
    (`meishi.sdk.signing`), as its visitors have no session.

    Without `resolve` the page belongs to no workspace: it looks like those of the console, knows
    who is signed in, if anybody is, and may take forms (`methods`), which the host guards against
    forgery.
    """

    rule: str
    view: Callable[..., Any]
    resolve: Callable[..., UUID | None] | None = None
    methods: Sequence[str] = ("GET",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationEntry:
    """A line of the main navigation that leads to a page of the plugin.

    `page` is the name of one of the plugin's pages, whose rule has no values and whose permission
    decides who sees the entry. `title` is its text, `icon` the name of a Tabler icon
    (`address-book`). Entries of one `section` stand together; within it they are sorted by
    `order`, then by title.
    """

    page: str
    title: str
    icon: str
    section: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A card that a plugin shows on a page of another one.

    `page` is the full name of that page (`crm_contacts.contact`); while nobody serves it, nothing
    is shown. `name` is unique within the plugin, `title` heads the card. `render` is given the
    values of the page's path (`contact_id=…`) as the plugin's code in the same workspace, and
    returns HTML, or None to be left out this time. `permission` is one of the plugin's own,
    without its prefix. Panels of a page are sorted by `order`, then by title.
    """

    page: str
    name: str
    title: str
    render: Callable[..., str | None]
    permission: str
    order: int = 100
