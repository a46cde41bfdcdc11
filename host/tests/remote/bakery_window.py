"""The bakery's window: pages that anybody may open, and what is seen and counted there."""

from __future__ import annotations

WINDOW = '''
from flask import Response, request

from meishi.sdk.context import current_actor, current_workspace, service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import (
    browser, forget_referral, keep_referral, kept_referral, redirect, render, toast,
)
from meishi.sdk.plugin import PublicPage
from meishi.sdk.signing import ForgedText, read_signed, sign
from meishi.sdk.visitors import visitor_of_today

#: What is called while a page is made.
LOOKING = []


class Closed(DomainError):
    code, title, status = "closed", "Closed <today>", 410


def resolve(workspace, **_):
    return None if workspace.int == 404 else workspace


def window(workspace):
    """Show what is in the window, or sell it."""
    from bakery.contract import Shelf

    for look in LOOKING:
        look()
    if request.method == "POST":
        try:
            item = read_signed("window", request.form["token"]).decode()
        except ForgedText:
            return Response("forged", 422)
        service(Shelf).sell(item, int(request.form.get("number", 1)))
        return Response(status=303, headers={"Location": f"/w/{workspace}/sold"})
    return Response(
        sign("window", b"vase"),
        headers={
            "Cache-Control": "public, max-age=60",
            "Content-Disposition": "inline; filename=window.txt",
            "Content-Security-Policy": "default-src 'none'; img-src 'self'",
            "Content-Type": "text/plain; charset=utf-8",
            "ETag": '"window-1"',
            "Referrer-Policy": "no-referrer",
            "Vary": "Accept-Language",
            "X-Robots-Tag": "noindex",
        },
    )


def seen(workspace):
    """Say all that is known of the visit, as JSON."""
    return {
        "method": request.method,
        "address": browser().address,
        "agent": browser().user_agent,
        "visitor": visitor_of_today(),
        "referral": kept_referral(),
        "cookies": sorted(request.cookies),
        "headers": {name.lower(): value for name, value in request.headers},
        "query": request.query_string.decode(),
        "workspace": str(current_workspace()),
        "user": str(current_actor().user_id),
        "visiting": current_actor().visitor,
    }


def file(workspace):
    """Send a file, of which one may want a part."""
    answer = Response(b"0123456789", content_type="application/octet-stream")
    answer.set_etag("file-1")
    return answer.make_conditional(request, accept_ranges=True, complete_length=10)


def led(workspace):
    """Lead elsewhere; the sign stands for the address by which the bakery itself was reached."""
    target = request.args["to"]
    target = request.host_url.rstrip("/") + target[1:] if target.startswith("!") else target
    return Response(status=302, headers={"Location": target})


def remembered(workspace):
    """Have the browser remember who led it here, and what it should not."""
    answer = Response("remembered")
    if "forget" in request.args:
        forget_referral(answer)
    else:
        keep_referral(answer, "anna & bo", seconds=600)
    answer.set_cookie("meishi_session", "stolen")
    answer.set_cookie("__Host-meishi_session", "stolen")
    answer.headers["Clear-Site-Data"] = '"cookies"'
    answer.headers["Alt-Svc"] = 'h3="bakery.internal:443"'
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def wrong(workspace):
    """Fail in the way that is asked for."""
    if request.args["how"] == "closed":
        raise Closed("<script>alert(1)</script>")
    raise ValueError("password=hunter2")


def door():
    """Let anybody in, whoever they are."""
    if request.method == "POST":
        toast(f"Knocked {request.form['times']}")
        keep_referral(answer := redirect("/bakery-door"), "by the door", seconds=60)
        return answer
    known = current_actor().user_id is not None
    return render("bakery/door.html", known=known, address=browser().address)


PAGES_FOR_ALL = [
    PublicPage(
        rule="/w/<uuid:workspace>", resolve=resolve, view=window, methods=("GET", "POST")
    ),
    *(
        PublicPage(rule=f"/w/<uuid:workspace>/{name}", resolve=resolve, view=view)
        for name, view in (
            ("seen", seen), ("file", file), ("led", led), ("remembered", remembered),
            ("wrong", wrong),
        )
    ),
    PublicPage(rule="/bakery-door", view=door, methods=("GET", "POST")),
]
'''

DOOR = """{% extends "shell/plain.html" %}
{% block content %}
<p id="known">{{ known }} {{ address }}</p>
<form method="post"><input type="hidden" name="csrf_token" value="{{ shell.csrf_token }}">
<input name="times"></form>
{% endblock %}
"""

SUPPLIED = """

@hookimpl
def public_pages():
    return window.PAGES_FOR_ALL


@hookimpl(optionalhook=True)
def analytics_metrics():
    from meishi.core.analytics.contract import Metric

    return [Metric(name="bakery_sales", title="Sales", event=Sold, dimensions=("item",))]
"""

FILES = {"window.py": WINDOW, "templates/door.html": DOOR}
