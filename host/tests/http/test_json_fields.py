"""Fields whose values JSON has a type for: no other value passes for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from meishi.host import Host
from meishi.lifecycle.contribution import Contribution
from meishi.sdk.http import TruthField


class SwitchSchema(Schema):
    """Something that is on or off."""

    on = TruthField()


@pytest.mark.parametrize("value", [True, False])
def test_truth_is_true_or_false(value: bool) -> None:
    """Both values of JSON are taken."""
    assert SwitchSchema().load({"on": value}) == {"on": value}


@pytest.mark.parametrize("value", [0, 1, 0.0, "true", "yes", None, []])
def test_nothing_else_passes_for_truth(value: Any) -> None:
    """Numbers and words that Python would take for a truth value are wrong types."""
    with pytest.raises(ValidationError):
        SwitchSchema().load({"on": value})


def fields_of(schema: Schema, *outer: type[Schema]) -> Iterator[tuple[str, fields.Field[Any]]]:
    """Yield the fields that a schema loads, with those of what it nests, by their full names."""
    for name, field in schema.load_fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            nested = inner.schema
            if type(nested) not in outer:
                yield from fields_of(nested, *outer, type(nested))
        yield f"{type(schema).__name__}.{name}", inner


def bodies_of(contribution: Contribution) -> Iterator[Schema]:
    """Yield the schemas of the JSON bodies that a plugin's routes take."""
    for blueprint in contribution.routes:
        for _, _, view in blueprint.views():
            for method in ("post", "put", "patch", "delete"):
                described = getattr(getattr(view, method, None), "_apidoc", {})
                for found in described.get("arguments", {}).get("parameters", ()):
                    if found["in"] == "json":
                        yield found["schema"]


def test_no_body_takes_a_word_for_a_truth(host: Host) -> None:
    """Whoever sends `"dry_run": "no"` or `"cascade": "yes"` has made a mistake, and is told."""
    bodies = [schema for plugin in host.plugins.active() for schema in bodies_of(plugin)]
    assert len(bodies) > 20
    taken = [pair for schema in bodies for pair in fields_of(schema)]
    assert any(isinstance(field, TruthField) for _, field in taken)
    assert {
        name
        for name, field in taken
        if isinstance(field, fields.Boolean) and not isinstance(field, TruthField)
    } == set()
