"""Includes: related resources that an answer brings along, each once, loaded all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from marshmallow import Schema

from meishi.sdk.contract import Document

_IDS = msgspec.json.Decoder(UUID | list[UUID] | None)

Resource = Mapping[str, msgspec.Raw]


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """A relation of a resource that `include=` may name.

    `of` is the field that holds the id, or a list of ids; `into` is the collection of `included`
    in which the related resources stand by their ids, and `schema` is what they look like. `load`
    is called once for an answer, with all ids; those that it does not return are left out.
    `permission` is what reading the related resources needs, with its plugin's prefix
    (`contacts.read`).
    """

    name: str
    of: str
    into: str
    schema: type[Schema]
    permission: str
    load: Callable[[Sequence[UUID]], Mapping[UUID, Document]]


def included(includes: Iterable[Include], resources: Sequence[Resource]) -> bytes:
    """Return the JSON of the related resources: by collection, then by id."""
    found: dict[str, dict[str, msgspec.Raw]] = {}
    for include in includes:
        collection = found.setdefault(include.into, {})
        ids = tuple(dict.fromkeys(_ids(include.of, resources)))
        for key, document in (include.load(ids) if ids else {}).items():
            collection[str(key)] = msgspec.Raw(document.body)
    return msgspec.json.encode(found)


def _ids(field: str, resources: Iterable[Resource]) -> Iterator[UUID]:
    for resource in resources:
        held = _IDS.decode(resource[field]) if field in resource else None
        if isinstance(held, UUID):
            yield held
        else:
            yield from held or ()
