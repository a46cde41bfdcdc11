"""What is shown of both plugins: a page and a resource, and what the bakery adds to them."""

from __future__ import annotations

HOOKS = """
from uuid import UUID

import msgspec
from flask import request
from marshmallow import fields

from meishi.sdk.context import current_workspace, service
from meishi.sdk.database import execute
from meishi.sdk.http import ResourceSchema
from meishi.sdk.pages import is_fragment, redirect, render, toast
from meishi.sdk.texts import gettext as _
from meishi.sdk.plugin import (
    ErasureReport, Extension, HealthCheck, HealthReport, HealthStatus, Metric, MetricKind,
    NavigationEntry, Page, Panel, Permission, PersonalData, PersonalRecord, Role, Sample,
    SearchHit, SearchProvider,
)

#: What a test wants to go wrong, and the ids that values were loaded for.
BROKEN, LOADED = set(), []
#: What is called while something is shown.
WATCHING = []


class BasketSchema(ResourceSchema):
    sold = fields.Integer(required=True)
    by = fields.UUID(required=True)
    role = fields.String(required=True)


def panel(number):
    for watch in WATCHING:
        watch()
    if "panel" in BROKEN:
        execute("SELECT 1 / 0")
    ((sold, role),) = execute("SELECT count(*), current_user::text FROM bakery.sale")
    return render("bakery/sold.html", number=number, sold=sold, role=role).get_data(as_text=True)


def baskets(ids):
    LOADED.append(tuple(ids))
    if "baskets" in BROKEN:
        raise RuntimeError("baskets")
    ((sold, role),) = execute("SELECT count(*), current_user::text FROM bakery.sale")
    found = {key: {"sold": sold, "by": key, "role": role} for key in ids if key.int != 3}
    if "one" in BROKEN:
        found[ids[0]] = {"sold": "many", "by": ids[0], "role": ""}
    return found


def sales(wanted):
    if "sales" in BROKEN:
        execute("SELECT pg_sleep(30)")
    query = "SELECT id, item FROM bakery.sale WHERE item = %(item)s"
    return [
        SearchHit(id=UUID(int=number), title=item, subtitle="", path="/cashdesk/1", score=1.0)
        for number, item in execute(query, {"item": wanted.text})
    ]


def export(subject):
    if "people" in BROKEN:
        raise RuntimeError("people")
    found = execute("SELECT id, item FROM bakery.sale WHERE item = ANY (%(who)s)", _who(subject))
    for number, item in found:
        yield PersonalRecord(
            kind="sale", id=UUID(int=number), body=msgspec.json.encode({"item": item})
        )


def erase(subject):
    if "people" in BROKEN:
        raise RuntimeError("people")
    gone = execute("DELETE FROM bakery.sale WHERE item = ANY (%(who)s) RETURNING 1", _who(subject))
    return ErasureReport(erased=len(gone))


def _who(subject):
    return {"who": list(subject.emails)}


def stock():
    if "stock" in BROKEN:
        return HealthReport(status=HealthStatus.DEGRADED, message="There is little left.")
    return HealthReport(status=HealthStatus.OK)


def shelves():
    from bakery.contract import Shelf

    for watch in WATCHING:
        watch()

    if request.method == "POST":
        service(Shelf).sell(request.form["item"])
        toast(_("Sold") + " <" + request.form["item"] + ">")
        return redirect("/bakery/shelves")
    if is_fragment():
        return render("bakery/piece.html")
    return render("bakery/shelves.html", asked=request.args.get("q", ""))


PAGES = [
    Page(
        name="shelves", rule="/shelves", view=shelves, title="Shelves", permission="read",
        methods=("GET", "POST"),
    ),
]
NAVIGATION = [NavigationEntry(page="shelves", title="Shelves", icon="books")]
PANELS = [
    Panel(page="cashdesk.desk", name="sold", title="Sold", render=panel, permission="read"),
    Panel(page="cashdesk.desk", name="kept", title="Kept", render=panel, permission="keep"),
]
EXTENSIONS = [
    Extension(target="cashdesk.Receipt", schema=BasketSchema, load=baskets, permission="read")
]
SEARCH = [SearchProvider(name="sales", title="Sales", search=sales, permission="read")]
PEOPLE = PersonalData(export=export, erase=erase)
HEALTH = [HealthCheck(name="stock", title="Has something", check=stock, fresh_seconds=0)]
METRICS = [
    Metric(
        name="sale_items", title="What was sold.", kind=MetricKind.GAUGE, labels=("kind",),
        collect=lambda: [Sample(value=7, labels=("vase",))],
    )
]
PERMISSIONS = [
    Permission(name="read", title="Look", roles=tuple(Role)),
    Permission(name="write", title="Sell", roles=(Role.OWNER,)),
    Permission(name="keep", title="Keep", roles=(Role.ADMIN,)),
]
"""

SUPPLIED = """

@hookimpl
def pages():
    return hooks.PAGES


@hookimpl
def navigation():
    return hooks.NAVIGATION


@hookimpl
def panels():
    return hooks.PANELS


@hookimpl
def schemas():
    return Schemas(extensions=hooks.EXTENSIONS)


@hookimpl
def search_providers():
    return hooks.SEARCH


@hookimpl
def data_subject():
    return hooks.PEOPLE


@hookimpl
def health():
    return hooks.HEALTH


@hookimpl
def metrics():
    return hooks.METRICS


@hookimpl
def permissions():
    return hooks.PERMISSIONS
"""

FILES = {
    "hooks.py": HOOKS,
    "templates/sold.html": """
<p>{{ _("Sold") }} {{ sold }} to {{ number }} as {{ role }}</p>
{% from "shell/macros.html" import csrf %}
{% if shell.may("bakery.read") %}{{ csrf(shell.csrf_token) }}{% endif %}
""",
    "templates/shelves.html": """{% extends "shell/page.html" %}
{% from "shell/macros.html" import csrf %}
{% block content %}<h1>{{ shell.title }}</h1><p id="asked">{{ asked }}</p>
<form method="post">{{ csrf(shell.csrf_token) }}<input name="item"></form>{% endblock %}
""",
    "templates/piece.html": "<p>a piece</p>",
    "locales/de/LC_MESSAGES/bakery.po": """
msgid "Sold"
msgstr "Verkauft"

msgid "Shelves"
msgstr "Regale"
""",
}

DESK = """

RECEIPTS = tuple(UUID(int=number) for number in (1, 2, 3))
blueprint = Blueprint("cashdesk", description="Receipts")


class ReceiptSchema(ResourceSchema):
    id = fields.UUID(required=True)


class ReceiptPageSchema(ResourceSchema):
    items = fields.List(fields.Nested(ReceiptSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True)
    total = fields.Integer()


@blueprint.route("/receipts")
class ReceiptList(MethodView):
    @blueprint.requires("read")
    @blueprint.arguments(list_query_schema("ReceiptQuerySchema"), location="query")
    @blueprint.page(ReceiptPageSchema)
    def get(self, wanted):
        \"\"\"List receipts.\"\"\"
        found = tuple(b'{"id":"%b"}' % str(item).encode() for item in RECEIPTS)
        return DocumentPage(items=found, position=None)


@hookimpl
def routes():
    return [blueprint]


@hookimpl
def schemas():
    return Schemas(resources=[ReceiptSchema, ReceiptPageSchema])


@hookimpl
def pages():
    return [
        Page(name="desk", rule="/<int:number>", view=desk, title="Desk", permission="read"),
    ]


@hookimpl
def panels():
    return [
        Panel(page="bakery.shelves", name="rung", title="Rung", render=desk, permission="read")
    ]


@hookimpl
def permissions():
    return [Permission(name="read", title="Look", roles=tuple(Role))]


def desk(number=0):
    return render("cashdesk/desk.html") if number else "<p>It rang.</p>"
"""

DESK_IMPORTS = """
from uuid import UUID

from flask.views import MethodView
from marshmallow import fields

from meishi.sdk.contract import DocumentPage
from meishi.sdk.http import Blueprint, CursorTextField, ResourceSchema, list_query_schema
from meishi.sdk.pages import render
from meishi.sdk.plugin import Page, Panel, Permission, Role, Schemas, Service, hookimpl
"""

DESK_FILES = {"templates/desk.html": '{% extends "shell/page.html" %}\n'}
