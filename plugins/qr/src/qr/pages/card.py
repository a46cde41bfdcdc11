"""The page of one card: where it is public, and its codes in the look that is asked for."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, abort, request

from meishi.sdk.context import service
from meishi.sdk.pages import render
from qr.contract import Cards, CodePage, Codes
from qr.pages.contacts import living_contact
from qr.pages.looks import LookForm, is_look_asked, read_look

#: Few, as each is read back for a report.
_SHOWN = 10


def card_page(card_id: UUID) -> Response:
    """Show a card; a look that cameras would stumble over is refused at its fields."""
    card = service(Cards).get_card(card_id)
    codes = service(Codes)
    page = codes.list_codes(card_id=card_id, after=_after(), limit=_SHOWN)
    retired = codes.list_codes(card_id=card_id, deleted=True, limit=_SHOWN)
    form = read_look(request.args, page.items[0].id) if page.items else LookForm(typed={})
    reports = {}
    if is_look_asked(request.args) and not form.errors:
        reports = {code.id: codes.verify(code.id, look=form.drawn) for code in page.items}
    return render(
        "qr/console/card.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK,
        title=card.title,
        card=card,
        contact=living_contact(card.contact_id),
        codes=page.items,
        retired=retired.items,
        form=form,
        reports=reports,
        next_query=_next_query(page, form),
    )


def _after() -> UUID | None:
    wanted = request.args.get("after")
    try:
        return UUID(wanted) if wanted else None
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, "after: not the id of a code.")


def _next_query(page: CodePage, form: LookForm) -> str | None:
    if page.next_after is None:
        return None
    return f"{form.query}&{urlencode({'after': page.next_after})}"
