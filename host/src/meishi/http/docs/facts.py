"""What a schema says of a value beside its type: default, limits, flags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meishi.http.docs.document import Json, as_list, as_object
from meishi.http.docs.type_names import literal

#: Limits whose two ends are told together, with their unit.
_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
    ("minProperties", "maxProperties", " members"),
)
_SINGLE = (
    ("exclusiveMinimum", "more than"),
    ("exclusiveMaximum", "less than"),
    ("multipleOf", "multiple of"),
    ("pattern", "pattern"),
    ("contentMediaType", "content"),
    ("contentEncoding", "encoding"),
)
_FLAGS = (
    ("readOnly", "read only"),
    ("writeOnly", "write only"),
    ("deprecated", "deprecated"),
    ("uniqueItems", "no two alike"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know about a value: `default` `50`."""

    label: str
    values: tuple[str, ...] = ()


def facts_of(schema: Json) -> tuple[Fact, ...]:
    """Return what there is to know about a schema's values, and about those of its arrays."""
    items = as_object(schema.get("items"))
    # What a named schema says of itself is told where its link leads.
    each = () if "$ref" in items else (*_values(items), *_limits(items))
    return (
        *_values(schema),
        *_limits(schema),
        *(Fact(f"each {fact.label}", fact.values) for fact in each),
    )


def _values(schema: Json) -> Iterator[Fact]:
    if "const" in schema:
        yield Fact("always", (literal(schema["const"]),))
    if values := as_list(schema.get("enum")):
        yield Fact("one of", tuple(literal(value) for value in values))
    if "default" in schema:
        yield Fact("default", (literal(schema["default"]),))


def _limits(schema: Json) -> Iterator[Fact]:
    for low, high, unit in _RANGES:
        if text := _range(schema.get(low), schema.get(high), unit):
            yield Fact(text)
    for keyword, label in _SINGLE:
        value = schema.get(keyword)
        if value is not None:
            yield Fact(label, (value if isinstance(value, str) else literal(value),))
    yield from (Fact(label) for keyword, label in _FLAGS if schema.get(keyword) is True)


def _range(low: object, high: object, unit: str) -> str:
    if low is not None and high is not None:
        return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
    if low is not None:
        return f"at least {low}{unit}"
    return "" if high is None else f"at most {high}{unit}"
