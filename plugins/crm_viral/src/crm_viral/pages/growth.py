"""The page Growth: a programme, one's own link, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, request

from crm_viral.contract import (
    Cohort,
    Conversions,
    Growth,
    Link,
    NobodyActs,
    Participation,
    Programme,
    ProgrammeNotLive,
    ProgrammeRules,
    Programmes,
    Rewards,
    TooManyLinks,
)
from crm_viral.pages.words import words
from crm_viral.schemas import ProgrammeFormSchema
from meishi.sdk.context import current_actor, service
from meishi.sdk.forms import Form
from meishi.sdk.http import cached_response
from meishi.sdk.pages import ToastKind, now, redirect, render, toast
from meishi.sdk.texts import gettext as _

_SHOWN = 20
#: Programmes to choose from, the newest; who has more looks into the web API.
_CHOICES = 50
_MAX_AGE = 86_400
_HORIZON_DAYS = 30


def growth_page() -> Response:
    """Show a programme with all that one wants to know of it."""
    found = service(Programmes).list(limit=_CHOICES, newest=True).items
    programme = _chosen(found[0] if found else None)
    if programme is None:
        return render("crm_viral/growth.html", programme=None, programmes=())
    conversions = service(Conversions).list(programme_id=programme.id, limit=_SHOWN, newest=True)
    rewards = service(Rewards).list(programme_id=programme.id, limit=_SHOWN, newest=True)
    return render(
        "crm_viral/growth.html",
        programme=programme,
        programmes=found[::-1],
        mine=_mine(programme),
        is_drawn=service(Participation).draws_links(),
        conversions=conversions.items,
        rewards=rewards.items,
        growth=growth_of(programme),
        horizon=_HORIZON_DAYS,
        words=words(),
    )


def growth_of(programme: Programme) -> Growth:
    """Return how a programme grows since it began."""
    begun = programme.rules.starts_at
    cohort = Cohort(
        programme_id=programme.id,
        since=begun,
        until=max(now(), begun + timedelta(days=1)),
        horizon_days=_HORIZON_DAYS,
    )
    return service(Programmes).growth(cohort)


def newest() -> Programme | None:
    """Return the programme that was begun last, if there is one."""
    found = service(Programmes).list(limit=1, newest=True).items
    return found[0] if found else None


def new_programme() -> Response:
    """Begin a programme at once."""
    title = _("New programme")
    if request.method == "GET":
        form = Form(ProgrammeFormSchema(), {"unit": "credit"})
        return render("crm_viral/new.html", title=title, form=form)
    answer = Form(ProgrammeFormSchema()).load(request.form)
    if answer.values is None:
        return render(
            "crm_viral/new.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            title=title,
            form=answer.form,
        )
    made = service(Programmes).create(ProgrammeRules(**answer.values, starts_at=now()))
    toast(_("The programme has begun"))
    return redirect(f"/viral?programme={made.id}")


def join_programme(programme_id: UUID) -> Response:
    """Take part, with a link of one's own; who has one keeps it."""
    user_id = current_actor().user_id
    known = (
        service(Participation).links_of((user_id,), programme_id=programme_id) if user_id else ()
    )
    if not known:
        try:
            service(Participation).make_link(programme_id)
            toast(_("You take part; share your link"))
        except (NobodyActs, ProgrammeNotLive, TooManyLinks) as error:
            toast(error.detail or error.title, kind=ToastKind.DANGER)
    return redirect(f"/viral?programme={programme_id}")


def link_code(link_id: UUID) -> Response:
    """Send a link as a code to scan."""
    participation = service(Participation)
    code = participation.link(link_id).code
    answer = cached_response(code, lambda: participation.link_image(link_id), seconds=_MAX_AGE)
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer


def _chosen(otherwise: Programme | None) -> Programme | None:
    """Return the programme that the address names, if it names any."""
    wanted = request.args.get("programme")
    if wanted is None:
        return otherwise
    try:
        return service(Programmes).get(UUID(wanted))
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)


def _mine(programme: Programme) -> Link | None:
    user_id = current_actor().user_id
    if user_id is None:
        return None
    found = service(Participation).links_of((user_id,), programme_id=programme.id)
    return found[0] if found else None
