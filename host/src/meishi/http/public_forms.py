"""Forms that anybody may send: few from one address, small, and from our own pages."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from meishi.http.bodies import read_body
from meishi.http.forgery import refuse_foreign_form
from meishi.http.limits.rates import rate_limits

#: Octets of a form; what people type has a few hundred.
MAX_FORM_BYTES = 64 * 1024

_FORM = "application/x-www-form-urlencoded"


def receive_form() -> None:
    """Read the form of this request whole, before anything is looked up for it, or refuse it.

    Too many from one address are 429, one that another site's page has sent is 403, a large one
    413, what is no form 415, and U+0000, which is no text, 400.
    """
    rate_limits().charge_form()
    refuse_foreign_form()
    read_form()


def read_form() -> None:
    """Read the form of this request whole, or refuse it, for whoever has let it in."""
    limit_form()
    if request.mimetype != _FORM:
        raise UnsupportedMediaType(f"Send the form as {_FORM}.")
    read_body()
    if any("\0" in text for pair in request.form.items(multi=True) for text in pair):
        raise BadRequest("The character U+0000 is no text.")


def limit_form() -> None:
    """Let the body of this request be as large as a stranger's form may be; others are 413."""
    request.max_content_length = min(MAX_FORM_BYTES, request.max_content_length or MAX_FORM_BYTES)
