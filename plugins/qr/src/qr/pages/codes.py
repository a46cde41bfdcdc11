"""Codes of a card: made, drawn, taken out of use and brought back."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, request
from marshmallow import ValidationError

from meishi.sdk.context import service
from meishi.sdk.http import cached_response
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _
from qr.contract import (
    Card,
    Cards,
    CardSourceMissing,
    CodeKind,
    Codes,
    CodeTooLarge,
    CodeUnreadable,
    ErrorCorrection,
    ImageFormat,
    Look,
)
from qr.schemas import CodeDraftSchema, RenderQuerySchema

#: How many seconds a browser may show a picture without asking again: one day.
_MAX_AGE = 86_400
_NOTHING_RUNS = "default-src 'none'"


def new_code(card_id: UUID) -> Response:
    """Show the form of a new code of a card, and make what is sent."""
    card = service(Cards).get_card(card_id)
    if request.method == "GET":
        usual = {"kind": CodeKind.DYNAMIC.value, "error_correction": ErrorCorrection.M.value}
        return _form(card, {**usual, "label": ""}, {})
    names = ("kind", "error_correction", "label")
    typed = {name: request.form.get(name, "").strip() for name in names}
    try:
        draft = CodeDraftSchema().load(
            {**typed, "label": typed["label"] or None, "card_id": str(card_id)}
        )
        del draft["card_id"]
        service(Codes).create_code(card_id, **draft)
    except ValidationError as error:
        return _form(card, typed, {name: said[0] for name, said in error.messages_dict.items()})
    except (CardSourceMissing, CodeTooLarge, CodeUnreadable) as error:
        return _form(card, typed, {"": error.detail or error.title})
    toast(_("The code was made"))
    return redirect(f"/qr/{card_id}")


def delete_code(code_id: UUID) -> Response:
    """Take a code out of use; its card's page says how to bring it back."""
    code = service(Codes).get_code(code_id)
    service(Codes).delete_code(code_id)
    toast(_("The code is out of use"))
    return redirect(f"/qr/{code.card_id}")


def restore_code(code_id: UUID) -> Response:
    """Bring a code back as it was printed."""
    code = service(Codes).restore_code(code_id)
    toast(_("The code is back"))
    return redirect(f"/qr/{code.card_id}")


def code_svg(code_id: UUID) -> Response:
    """Send the picture of a code as SVG."""
    return _picture(code_id, ImageFormat.SVG)


def code_png(code_id: UUID) -> Response:
    """Send the picture of a code as PNG."""
    return _picture(code_id, ImageFormat.PNG)


def _picture(code_id: UUID, image_format: ImageFormat) -> Response:
    try:
        look = Look(**RenderQuerySchema().load(request.args.to_dict()))
    except ValidationError as error:
        name, said = next(iter(error.messages_dict.items()))
        abort(HTTPStatus.BAD_REQUEST, f"{name}: {said[0]}")
    codes = service(Codes)
    tag = codes.image_tag(code_id, image_format, look=look)
    answer = cached_response(
        tag, lambda: codes.render(code_id, image_format, look=look), seconds=_MAX_AGE
    )
    answer.headers["Content-Security-Policy"] = _NOTHING_RUNS
    return answer


def _form(card: Card, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    return render(
        "qr/console/new_code.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        card=card,
        typed=typed,
        errors=errors,
        levels=[level.value for level in ErrorCorrection],
    )
