"""Bodies of requests and responses, each in one media type."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from meishi.http.docs.curl import is_json
from meishi.http.docs.document import Document, Json, as_object
from meishi.http.docs.examples import media_example
from meishi.http.docs.schema_fields import Field, SchemaFields
from meishi.http.docs.type_names import TypeName, type_name

#: How many references deep the fields of a body are shown; what lies deeper is linked.
_FOLLOW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A body in one media type; `example` is its text, empty where none can be written down."""

    name: str
    type: TypeName
    fields: tuple[Field, ...]
    example: str


def media_of(document: Document, said: Json, *, answer: bool) -> tuple[Media, ...]:
    """Return the media types of a request's or an answer's body.

    An answer's fields stand where its schema's link leads; a request is written with them at hand.
    """
    fields, follow = SchemaFields(document), 0 if answer else _FOLLOW
    contents = {name: as_object(media) for name, media in as_object(said.get("content")).items()}
    return tuple(
        Media(
            name=name,
            type=type_name(document, media.get("schema", True)),
            fields=fields.of(media.get("schema"), follow=follow),
            example=_example(document, name, media, answer=answer),
        )
        for name, media in contents.items()
    )


def _example(document: Document, media_type: str, media: Json, *, answer: bool) -> str:
    if is_json(media_type):
        made = media_example(document, media, answer=answer)
        return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()
    given = media.get("example")
    return given if isinstance(given, str) else ""
