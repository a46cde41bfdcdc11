"""The reader of the current request, as a service that shows them something is told."""

from __future__ import annotations

from meishi.context import current_scope, enter_scope
from meishi.http.forgery import form_token
from meishi.reader import Reader
from meishi.web.texts import current_texts


def reader_of_request() -> Reader:
    """Return who reads.

    Their language is looked up in a transaction of its own: nobody holds a connection while the
    service is waited for.
    """
    with enter_scope(current_scope().aside()):
        locale = current_texts().locale
    return Reader(locale=locale, form_token=form_token())
