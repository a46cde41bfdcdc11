"""The plugin whose pages the tests open, as its author would write it."""

SHELF = """
from uuid import UUID

from flask import Response, request
from markupsafe import escape

from meishi.sdk.context import current_actor, current_workspace
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import is_fragment, redirect, render, toast
from meishi.sdk.plugin import (
    NavigationEntry, Page, Panel, Permission, PublicPage, Role, hookimpl,
)


class Fallen(DomainError):
    code, title, status = "fallen", "Fallen <over>", 409


def shelf():
    if request.method == "POST":
        toast(f"Kept {request.form['book']}")
        return redirect("/shelf")
    return render("shelf/shelf.html", book=request.args.get("book", ""), piece=is_fragment())


def book(number):
    if number == 13:
        raise Fallen("<script>alert(1)</script>")
    if number == 99:
        raise ValueError("password=hunter2")
    return render("shelf/shelf.html", title=f"Book {number}", book="", piece=False)


def door():
    actor = current_actor()
    return render("shelf/door.html", known=actor.user_id is not None, sent=request.method)


def near(number):
    if number == 7:
        raise RuntimeError("panel")
    return f"<p>near {number} in {current_workspace()}</p>"


@hookimpl
def permissions():
    return [
        Permission(name="read", title="Look", roles=tuple(Role)),
        Permission(name="keep", title="Keep", roles=(Role.OWNER,)),
    ]


@hookimpl
def pages():
    return [
        Page(name="shelf", rule="", view=shelf, title="Shelf", permission="read",
             methods=("GET", "POST")),
        Page(name="book", rule="/<int:number>", view=book, title="Book", permission="read"),
        Page(name="safe", rule="/safe", view=shelf, title="Safe", permission="keep"),
        Page(name="mine", rule="/mine", view=door, title="Mine", permission=None),
    ]


@hookimpl
def public_pages():
    return [PublicPage(rule="/shelf-door", view=door, methods=("GET", "POST"))]


@hookimpl
def navigation():
    return [
        NavigationEntry(page="safe", title="Safe", icon="lock", order=2),
        NavigationEntry(page="shelf", title="Shelf", icon="books", order=1),
    ]


@hookimpl
def panels():
    return [
        Panel(page="shelf.book", name="near", title="Near it", render=near, permission="read"),
        Panel(page="shelf.book", name="kept", title="Kept", render=near, permission="keep"),
    ]
"""

PAGES = {
    "templates/shelf.html": """{% extends "shell/page.html" %}
{% block content %}
<p id="book">{{ book }}</p><p id="said">{{ _("Kept in %(place)s", place=book) }}</p>
<p id="raw">{{ _(book) }}</p><p id="count">{{ ngettext("%(num)s book", "%(num)s books", 2) }}</p>
<p id="piece">{{ piece }}</p>
<form method="post"><input type="hidden" name="csrf_token" value="{{ shell.csrf_token }}">
<input name="book"></form>
{% endblock %}
""",
    "templates/door.html": """{% extends "shell/plain.html" %}
{% block content %}
<p id="known">{{ known }} {{ sent }}</p>
<form method="post"><input type="hidden" name="csrf_token" value="{{ shell.csrf_token }}"></form>
{% endblock %}
""",
    "locales/de/LC_MESSAGES/shelf.po": """
msgid "Kept in %(place)s"
msgstr "Steht in %(place)s"

msgid "%(num)s book"
msgid_plural "%(num)s books"
msgstr[0] "%(num)s Buch"
msgstr[1] "%(num)s Bücher"

msgid "Shelf"
msgstr "Regal"

msgid "Near it"
msgstr "Daneben"

msgid "Sign out"
msgstr "Tür zu"

#, fuzzy
msgid "Safe"
msgstr "Sicher"
""",
}
