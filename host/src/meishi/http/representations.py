"""Representations: documents as they leave, and those of a batch that are finished at its end.

What other plugins add to the documents of a batch is loaded once for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from flask import Response, g
from marshmallow import Schema

from meishi.http.extensions import added_values, with_added
from meishi.sdk.contract import Document

#: Bytes of a representation's hash; it tells versions of the representation apart, no more.
_HASH_BYTES = 8


def entity_tag(document: Document, body: bytes) -> str:
    """Return the entity tag of a document that leaves as `body`."""
    return f'"{document.version}.{blake2b(body, digest_size=_HASH_BYTES).hexdigest()}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfinished:
    """An answer whose document lacks what others add to a resource of its kind."""

    response: Response
    document: Document
    resource: type[Schema]


class UnfinishedDocuments:
    """The answers of a batch whose documents others add to."""

    def __init__(self) -> None:
        self._found: list[_Unfinished] = []

    def add(self, response: Response, document: Document, resource: type[Schema]) -> None:
        """Remember an answer, which is complete but for what others add."""
        found = _Unfinished(response=response, document=document, resource=resource)
        self._found.append(found)

    def finish(self, answers: Sequence[Response]) -> None:
        """Complete the documents of those answers that are given; others have been undone."""
        given = set(map(id, answers))
        kinds: dict[type[Schema], list[_Unfinished]] = {}
        for item in self._found:
            if id(item.response) in given:
                kinds.setdefault(item.resource, []).append(item)
        for resource, items in kinds.items():
            bodies = [item.document.body for item in items]
            for item, body in zip(items, with_added(added_values(resource), bodies), strict=True):
                item.response.set_data(body)
                item.response.headers["ETag"] = entity_tag(item.document, body)


def unfinished_documents() -> UnfinishedDocuments | None:
    """Return where the documents of the current batch wait, None outside of any."""
    found: UnfinishedDocuments | None = g.get("unfinished_documents")
    return found


def collect_unfinished() -> UnfinishedDocuments:
    """Let the documents of this request wait, and return where."""
    found = UnfinishedDocuments()
    g.unfinished_documents = found
    return found
