"""Examples in the OpenAPI document: of every JSON body and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meishi.http.docs.curl import is_json
from meishi.http.docs.document import Document
from meishi.http.docs.examples import media_example
from meishi.http.documented_headers import operations


def add_examples(document: Mapping[str, Any]) -> None:
    """Give each JSON media type of a document an example, unless its author gave one.

    It is made from the schema, as the documentation page does it.
    """
    read = Document(document)
    for operation in operations(document):
        for media in _without(operation.get("requestBody", {})):
            media["example"] = media_example(read, media, answer=False)
        for response in operation["responses"].values():
            for media in _without(response):
                media["example"] = media_example(read, media, answer=True)


def _without(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the JSON media types that have no example yet."""
    for name, media in said.get("content", {}).items():
        if is_json(name) and not {"example", "examples"} & media.keys():
            yield media
