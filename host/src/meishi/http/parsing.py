"""The parser of requests: what is unknown, ambiguous or no JSON is refused, and named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.error_store import merge_errors
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from meishi.http.limits.sizes import NestedTooDeeply, read_json_body
from meishi.http.lists import ListQuerySchema
from meishi.http.no_text import NO_TEXT, NUL, text_errors
from meishi.http.selections import current_selection
from meishi.http.suggestions import MAX_SUGGESTIONS, UnknownFields, data_keys, unknown_field
from meishi.sdk.contract import holds_nul

#: How a query says yes and no.
BOOLEANS = frozenset({"true", "false"})
#: How it says a number: `int` would take blanks, underscores and the digits of all scripts.
_INTEGER = re.compile(r"-?[0-9]+")
#: What a parameter is that a schema knows by its name alone.
_NAMED = fields.String()


class NoText(ValidationError):
    """A body is no JSON because some of its texts are none."""


class Parser(FlaskParser):
    """Refuses parameters that are unknown or ambiguous, and bodies that are not JSON (RFC 8259)."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (as the parser has it)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query's parameters, each said once unless the schema wants a list.

        What selects of the resource (`fields`, `include`) was read before, and is left out.
        """
        selecting = current_selection().parameters
        own = req.args
        if any(name in own for name in selecting):
            own = MultiDict(pair for pair in own.items(multi=True) if pair[0] not in selecting)
        found = self._makeproxy(own, schema)
        wrong: dict[str, list[str]] = {}
        known = data_keys(schema)
        for name, values in own.lists():
            if name in known:
                said = _fault(known[name], values, several=name in found.multiple_keys)
            elif reads_by_name(schema, name):
                said = _fault(_NAMED, values, several=False)
            else:
                guessed = len(wrong) < MAX_SUGGESTIONS
                said = unknown_field(name, (*known, *selecting) if guessed else ())
            if said is not None:
                wrong[name] = [said]
        if wrong:
            raise ValidationError(wrong)
        return found

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the document in the body; answer 415 or 400 where there is none.

        Stricter than the standard library's decoder: no NaN, no half of a surrogate pair, which is
        pointed to. Texts with U+0000 are told together with all else that is wrong.
        """
        if not req.is_json:
            raise UnsupportedMediaType("Send application/json.")
        body = read_json_body()
        try:
            document = _decoded(body)
        except BadRequest:
            if said := _halves(body, schema):
                raise NoText(said) from None
            raise
        if holds_nul(body) and (found := text_errors(document, schema)):
            raise ValidationError(merge_errors(schema.validate(document), found))  # type: ignore[no-untyped-call]
        return document

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Answer with what is wrong; unknown fields, or no JSON, make a malformed request: 400."""
        messages = error.messages
        if isinstance(messages, dict) and "json" in messages:
            if isinstance(error, NoText):
                error_status_code = HTTPStatus.BAD_REQUEST.value
            unknown = UnknownFields()
            error.messages = {"json": unknown.of_schema(messages["json"], schema)}
            if unknown.found:
                error_status_code = HTTPStatus.BAD_REQUEST.value
        super().handle_error(
            error, req, schema, error_status_code=error_status_code, error_headers=error_headers
        )


def _fault(field: fields.Field[Any], values: Sequence[str], *, several: bool) -> str | None:
    """Return what is wrong with the values of a parameter, before its field is asked."""
    if len(values) > 1 and not several:
        return "Given more than once."
    if isinstance(field, fields.Boolean) and values[0] not in BOOLEANS:
        return "Not a valid boolean."
    if isinstance(field, fields.Integer) and not _INTEGER.fullmatch(values[0]):
        return "Not a valid integer."
    if isinstance(field, fields.String) and any(NUL in value for value in values):
        return NO_TEXT
    return None


def reads_by_name(schema: Schema, name: str) -> bool:
    """Whether a schema takes a parameter that is none of its fields."""
    return isinstance(schema, ListQuerySchema) and schema.reads(name)


def read_query(schema: Schema) -> Any:
    """Return what the query of the running request says, by a schema that only now is known.

    A wrong query is a malformed request: 400.
    """
    status = HTTPStatus.BAD_REQUEST.value
    return Parser().parse(schema, request, location="query", error_status_code=status)


def _decoded(body: bytes) -> Any:
    if not body:
        raise BadRequest("The body is empty; send JSON.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise NestedTooDeeply("The body has no end to its brackets.") from error


def _halves(body: bytes, schema: Schema) -> Any:
    """Return which texts hold half of a surrogate pair, for which alone a body is no JSON."""
    try:
        return text_errors(json.loads(body, parse_constant=_refuse), schema)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
