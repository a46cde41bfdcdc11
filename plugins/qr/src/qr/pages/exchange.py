"""The form on a card's page: what a visitor has sent becomes an exchange, or comes back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import request

from meishi.sdk.context import service
from meishi.sdk.pages import now
from meishi.sdk.visitors import visitor_of_today
from qr.contract import (
    DeviceClass,
    Exchanges,
    InvalidExchange,
    TooManyExchanges,
    Visit,
    VisitorDetails,
)
from qr.exchange_form import FIELDS, TRAP, ExchangeForm
from qr.pages.form_token import FormExpired, FormTooQuick, new_token, read_submission
from qr.visits import device_class, referrer_host

_UNSENT = "This was not sent. "
_PROGRAM = f"{_UNSENT}Leave the last field empty, and send the form from a browser."
_QUICK = f"{_UNSENT}That was quicker than people type: please send it again."
_EXPIRED = f"{_UNSENT}The page had been open for long: please send it again."


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that comes back, with the status of the answer."""

    form: ExchangeForm
    status: HTTPStatus


def blank_form(slug: str) -> ExchangeForm:
    """Return the form as it is first shown."""
    return ExchangeForm(token=new_token(slug, now()))


def take_form(slug: str) -> Unsent | None:
    """Keep what a visitor has sent; return the form if it could not be taken."""
    token = request.form.get("token", "")
    visit = this_visit()
    if request.form.get(TRAP) or visit.device_class is DeviceClass.BOT:
        return _unsent(token, _PROGRAM)
    try:
        submission_id = read_submission(slug, token, now())
    except FormTooQuick:
        return _unsent(token, _QUICK)
    except FormExpired:
        return _unsent(new_token(slug, now()), _EXPIRED)
    typed = _typed()
    try:
        service(Exchanges).leave_card(
            submission_id,
            slug,
            VisitorDetails(**typed),
            consent_version=request.form.get("consent", ""),
            visit=visit,
        )
    except InvalidExchange as error:
        errors = {found.pointer.lstrip("/"): found.message for found in error.errors}
        return _unsent(token, f"{_UNSENT}{error.detail}", errors)
    except TooManyExchanges as error:
        return _unsent(token, f"{_UNSENT}{error.detail}", status=HTTPStatus.TOO_MANY_REQUESTS)
    return None


def this_visit() -> Visit:
    """Return who came, as coarsely as it is told."""
    return Visit(
        device_class=device_class(request.headers.get("User-Agent", "")),
        referrer_host=referrer_host(request.headers.get("Referer")),
        visitor=visitor_of_today(),
    )


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in FIELDS}


def _unsent(
    token: str,
    message: str,
    errors: dict[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Unsent:
    typed = _typed() | {"consent": request.form.get("consent", "")}
    form = ExchangeForm(token=token, typed=typed, errors=errors or {}, message=message)
    return Unsent(form, status)
