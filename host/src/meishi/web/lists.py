"""Lists on pages: the query of the address, and the address of the next page."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from meishi.http.cursors import AFTER
from meishi.http.lists import Cursor
from meishi.sdk.contract import DocumentPage, ListQuery


def page_query(schema: type[Schema], **defaults: str) -> ListQuery:
    """Return what the address asks of a list, by the schema that its web API has.

    Empty fields of a search form ask nothing; `defaults` hold for parameters that are not there.
    """
    asked = {name: value for name, value in request.args.items() if value}
    try:
        return cast("ListQuery", schema().load({**defaults, **asked}))
    except ValidationError as error:
        name, said = next(iter(error.messages_dict.items()))
        raise BadRequest(f"{name}: {said}") from error


def next_page_url(page: DocumentPage, wanted: ListQuery) -> str | None:
    """Return where the list goes on; None on its last page."""
    if page.position is None:
        return None
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != AFTER and pair[1]]
    return (
        f"{request.path}?{urlencode([*kept, (AFTER, Cursor.of(wanted, page.position).encode())])}"
    )
