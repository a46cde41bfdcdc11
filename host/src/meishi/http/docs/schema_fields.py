"""The fields of a schema, with what may stand in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from meishi.http.docs.document import Document, Json, as_list, as_object, as_text
from meishi.http.docs.facts import Fact, facts_of
from meishi.http.docs.type_names import Segment, TypeName, type_name

#: How deep fields within fields are shown.
_DEPTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A member of an object, an item of an array, or (without a name) one alternative."""

    name: str
    type: TypeName
    required: bool = False
    description: str = ""
    facts: tuple[Fact, ...] = ()
    children: tuple[Field, ...] = ()


class SchemaFields:
    """Reads fields; references are followed a given number of times, and never in a circle."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def of(
        self, schema: object, *, follow: int = 0, inside: frozenset[str] = frozenset()
    ) -> tuple[Field, ...]:
        """Return the fields of a schema's objects, or of the objects in its arrays.

        `follow` says how many references deep to look, `inside` which schemas are open already.
        """
        return tuple(self._fields(schema, follow, inside, 0))

    def _fields(
        self, schema: object, follow: int, inside: frozenset[str], depth: int
    ) -> Iterator[Field]:
        reference = as_text(as_object(schema).get("$ref"))
        if depth > _DEPTH or (reference and (follow < 1 or reference in inside)):
            return
        if reference:
            follow, inside = follow - 1, inside | {reference}
        found = self._document.resolve(schema)
        own = list(self._members(found, follow, inside, depth))
        parts = as_list(found.get("allOf"))
        named = {field.name for field in own}
        inherited = [
            field
            for part in parts
            # What an object has in common with others belongs to it: always shown.
            for field in self._fields(part, max(follow, 1), inside, depth + 1)
            if field.name not in named
        ]
        required = [
            name
            for part in (found, *map(self._document.resolve, parts))
            for name in as_list(part.get("required"))
        ]
        for field in (*inherited, *own):
            yield replace(field, required=field.required or field.name in required)
        yield from self._alternatives(found, follow, inside, depth)
        if as_object(found.get("items")):
            yield from self._fields(found.get("items"), follow, inside, depth + 1)

    def _alternatives(
        self, schema: Json, follow: int, inside: frozenset[str], depth: int
    ) -> Iterator[Field]:
        """Yield the alternatives of which there is more to say than the type's name does."""
        for part in (*as_list(schema.get("oneOf")), *as_list(schema.get("anyOf"))):
            found = self._field("", part, follow, inside, depth)
            if found.children or found.description or found.facts:
                yield found

    def _members(
        self, schema: Json, follow: int, inside: frozenset[str], depth: int
    ) -> Iterator[Field]:
        for name, member in as_object(schema.get("properties")).items():
            yield self._field(name, member, follow, inside, depth)
        for pattern, member in as_object(schema.get("patternProperties")).items():
            yield self._field(f"/{pattern}/", member, follow, inside, depth)
        if as_object(schema.get("additionalProperties")):
            other = self._field("*", schema["additionalProperties"], follow, inside, depth)
            yield replace(other, description=other.description or "Any other member.")
        for position, member in enumerate(as_list(schema.get("prefixItems"))):
            yield self._field(f"[{position}]", member, follow, inside, depth)

    def _field(
        self,
        name: str,
        schema: object,
        follow: int,
        inside: frozenset[str],
        depth: int,
    ) -> Field:
        resolved = self._document.resolve(schema)
        beside = {} if self._document.schema_name(schema) is None else as_object(schema)
        return Field(
            name=name,
            type=type_name(self._document, schema) or (Segment("any"),),
            description=as_text(resolved.get("description")) or as_text(resolved.get("title")),
            # What a named schema says of itself is told where the link leads.
            facts=facts_of(beside or resolved),
            children=tuple(self._fields(schema, follow, inside, depth + 1)),
        )
